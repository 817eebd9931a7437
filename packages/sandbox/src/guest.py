"""The program that Python runs inside the sandbox for a dataset run.

One file, standard library only, so that it can be handed in as verified bytes. It reads one framed JSON-RPC request from
descriptor 3, calls the plugin's function, and answers when the function has returned: without that answer no run counts
as completed, whatever the exit status says.
"""
import importlib
import json
import os
import pathlib
import socket
import struct
import sys
import traceback

CHANNEL = 3


def receive(channel):
    def exactly(count):
        parts = bytearray()
        while len(parts) < count:
            part = channel.recv(count - len(parts))
            if not part:
                sys.exit(1)
            parts += part
        return bytes(parts)

    (length,) = struct.unpack(">I", exactly(4))
    return json.loads(exactly(length))


def answer(channel, request, **outcome):
    body = json.dumps({"jsonrpc": "2.0", "id": request["id"], **outcome}).encode()
    channel.sendall(struct.pack(">I", len(body)) + body)


def resolve(entry_point):
    module, _, attribute = entry_point.partition(":")
    target = importlib.import_module(module)
    for name in attribute.split("."):
        target = getattr(target, name)
    return target


def run(params):
    sys.path[:0] = params["sources"]
    path = lambda name: None if params[name] is None else pathlib.Path(params[name])
    resolve(params["entryPoint"])(
        path("dataset"), path("out"), params["config"], work_dir=path("work"), dry_run=params["dryRun"]
    )


def failure(error):
    name = type(error).__name__
    message = (str(error) or name)[:4096]
    data = {"code": "RUN_PLUGIN_FAILED", "message": message, "details": {"exception": name}}
    return {"code": -32000, "message": message, "data": data}


def leave_if_forked(owner):
    """A copy of this process that the function made and did not end has nothing to say."""
    if os.getpid() != owner:
        os._exit(1)


def main():
    # Processes that the plugin starts do not get the channel.
    os.set_inheritable(CHANNEL, False)
    channel = socket.socket(fileno=CHANNEL)
    request = receive(channel)
    owner = os.getpid()
    try:
        run(request["params"])
    except BaseException as error:
        traceback.print_exc()
        leave_if_forked(owner)
        answer(channel, request, error=failure(error))
        sys.exit(1)
    sys.stdout.flush()
    leave_if_forked(owner)
    answer(channel, request, result={"completed": True})


main()
