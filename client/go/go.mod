module github.com/fingerpost/fingerpost/client/go

go 1.25.0

require (
	github.com/tetratelabs/wazero v1.12.0
	golang.org/x/net v0.48.0
	golang.org/x/text v0.32.0
	google.golang.org/genproto/googleapis/rpc v0.0.0-20251202230838-ff82c1b0f217
	google.golang.org/grpc v1.79.3
	google.golang.org/protobuf v1.36.11
)

require golang.org/x/sys v0.47.0 // indirect
