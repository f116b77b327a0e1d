"""python3 -m tailapi: the stand-in by hand. Prints its URL and the credentials
it takes, writes the log of keys at its end."""

import argparse
import signal
import threading

from . import CLIENT_ID, CLIENT_SECRET, Options, TailApi


def main():
    parser = argparse.ArgumentParser(prog="tailapi", description=__doc__)
    parser.add_argument("--hostile", type=float, default=1.0, metavar="SCALE",
                        help="how often answers go wrong; 0 never, default 1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--latency", type=float, default=0.0,
                        help="seconds an answer may take")
    parser.add_argument("--delay", type=float, default=0.0,
                        help="seconds that every answer takes besides")
    parser.add_argument("--tag", action="append", metavar="TAG",
                        help="a tag that keys may have; may be repeated")
    parser.add_argument("--log", help="file for what became of each key")
    args = parser.parse_args()
    api = TailApi(Options(args.hostile, args.seed, args.latency,
                          args.delay),
                  owns=args.tag or ("tag:edge-site-1", "tag:edge-site-2"))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with api:
        print(f"url {api.url}\nclient {CLIENT_ID}\nsecret {CLIENT_SECRET}",
              flush=True)
        stop.wait()
    if args.log:
        api.net.write_log(args.log)


main()
