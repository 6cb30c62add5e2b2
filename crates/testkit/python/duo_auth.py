"""Drives the Auth API, or the older one, with the vendor's own Python clients and prints what they were answered, one
JSON line a call. Where faults are expected, whatever the client raises is told, and how long it wanted to wait before it asked
again: it is not made to wait."""

import json
import sys

import duo_client
import duo_client.client
from duo_client.auth_v1 import AuthV1

import resolving

config = json.load(sys.stdin)
resolving.resolve(config.get("names", {}))
auth = (AuthV1 if config.get("older") else duo_client.Auth)(
    ikey=config["ikey"],
    skey=config["skey"],
    host=config["host"],
    port=config["port"],
    ca_certs=config["ca"],
    **({"timeout": config["timeout"]} if "timeout" in config else {}),
    **({"sig_version": config["sig_version"], "digestmod": __import__("hashlib").sha512} if "sig_version" in config else {}),
)
faults, waits = config.get("faults", False), []
if faults:
    duo_client.client.sleep = waits.append
for call in config["calls"]:
    name, arguments = call["name"], call.get("arguments", {})
    try:
        answer = {"answer": getattr(auth, name)(**arguments)}
    except RuntimeError as error:
        answer = {"error": str(error), "status": getattr(error, "status", None)}
    except Exception as error:
        if not faults:
            raise
        answer = {"error": str(error), "kind": type(error).__name__}
    if faults:
        answer["waits"], waits[:] = [int(seconds) for seconds in waits], []
    print(json.dumps(answer), flush=True)
