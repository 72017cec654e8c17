module fingerpost/profiles

go 1.27.3
