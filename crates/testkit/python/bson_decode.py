"""Reads documents, one in hex a line, with MongoDB's own reader, and prints each as a line of JSON."""

import json
import sys

import bson

for line in sys.stdin.read().split():
    print(json.dumps(bson.decode(bytes.fromhex(line)), sort_keys=True), flush=True)
