"""Drives the Admin API with the vendor's own Python client and prints what it was answered, one JSON line a call. What
comes in pages is read to its end, page by page."""

import hashlib
import inspect
import json
import sys
import warnings

import duo_client
import duo_client.client

warnings.simplefilter("ignore")
config = json.load(sys.stdin)
admin = duo_client.Admin(
    ikey=config["ikey"],
    skey=config["skey"],
    host=config["host"],
    port=config["port"],
    ca_certs=config["ca"],
    paging_limit=config.get("page", 100),
    **({"sig_version": config["sig_version"], "digestmod": hashlib.sha512} if "sig_version" in config else {}),
)
waits = []
wait = duo_client.client.sleep
duo_client.client.sleep = lambda seconds: (waits.append(seconds), wait(seconds))
for call in config["calls"]:
    name, arguments = call["name"], call.get("arguments", {})
    before = len(waits)
    for _ in range(call.get("times", 1)):
        try:
            found = getattr(admin, name)(**arguments)
            answer = {"answer": list(found) if inspect.isgenerator(found) else found}
        except RuntimeError as error:
            data = getattr(error, "data", None)
            answer = {"error": str(error), "status": getattr(error, "status", None)}
            if data:
                answer["refused"] = json.loads(data) if isinstance(data, (str, bytes)) else data
    answer["waits"] = len(waits) - before
    print(json.dumps(answer), flush=True)
