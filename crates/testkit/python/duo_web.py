"""Does what an application with the vendor's Web SDK does, and prints what it was answered, one JSON line a call. Where faults
are expected, whatever else it raises is told too."""

import json
import sys
import warnings

import duo_universal

import resolving

# Keys of forty bytes are the protocol's.
warnings.filterwarnings("ignore", message="The HMAC key is")
config = json.load(sys.stdin)
resolving.resolve(config.get("names", {}))
client = duo_universal.Client(
    client_id=config["client_id"],
    client_secret=config["client_secret"],
    host=config["host"],
    redirect_uri=config["redirect_uri"],
    duo_certs=config["ca"],
    **config.get("options", {}),
)
for call in config["calls"]:
    try:
        answer = {"answer": getattr(client, call["name"])(**call.get("arguments", {}))}
    except duo_universal.DuoException as error:
        answer = {"error": str(error)}
    except Exception as error:
        if not config.get("faults"):
            raise
        answer = {"error": str(error), "kind": type(error).__name__}
    print(json.dumps(answer), flush=True)
