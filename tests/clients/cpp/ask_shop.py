"""Starts the example shop of the C++ package, asks it what the documents' examples ask, and prints what comes back.

Usage: ask_shop.py build/bin/examples/example_shop ADDRESS_OF_THE_SERVICE
"""

import http.client
import os
import subprocess
import sys

shop = subprocess.Popen([sys.argv[1]], env={**os.environ, "FINGERPOST": sys.argv[2], "PORT": "0"}, stdout=subprocess.PIPE, text=True)
address = shop.stdout.readline().split("//")[-1].strip()
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def ask(name, method, path, content=None):
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request(method, path, content, FORM if content else {})
    answer = connection.getresponse()
    print(f"== {name}\n{answer.status}\n{answer.headers}{answer.read().decode()}")
    connection.close()


ask("order", "POST", "/orders", "item=tea")
ask("destroy", "DELETE", "/orders/1")
ask("webhook", "POST", "/webhooks", '{"event":"paid"}')
ask("webhook v2", "POST", "/v2/webhooks", '{"event":"paid"}')
ask("campaign", "GET", "/spring-sale")
ask("login", "POST", "/login", f"redirect_uri=http://{address}/callback&state=s1&user=u&password=s3cret")
ask("evil", "POST", "/login", "redirect_uri=https://evil.example/&state=s1")
ask("list", "GET", "/orders")
shop.terminate()
sys.exit(shop.wait())
