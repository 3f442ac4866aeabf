"""One call of gRPC's health check by grpcio; prints the name of its status and its challenges, as JSON."""

import json
import sys

import grpc

ADDRESS, TOKEN = sys.argv[1], sys.argv[2]

with grpc.insecure_channel(ADDRESS) as channel:
    # The empty message, and the answer as it came: no code has to be generated.
    check = channel.unary_unary("/grpc.health.v1.Health/Check")
    metadata = [("authorization", f"Bearer {TOKEN}")] if TOKEN else []
    try:
        answer, call = check.with_call(b"", timeout=10, metadata=metadata)
        outcome = {"status": call.code().name, "answer": answer.hex()}
    except grpc.RpcError as error:
        outcome = {"status": error.code().name}
        call = error
    fields = [*(call.initial_metadata() or []), *(call.trailing_metadata() or [])]
    outcome["challenges"] = [value for name, value in fields if name == "www-authenticate"]
    print(json.dumps(outcome))
