"""The loop of the scripts here: a job is a line of JSON on standard input, its answer a line of JSON."""
import json
import os
import sys


def serve(do):
    """do(job) raises an exception where the job fails."""
    # Whatever libraries print must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", 1)
    os.dup2(2, 1)
    for line in iter(sys.stdin.readline, ""):
        try:
            do(json.loads(line))
            answer = {"ok": True}
        except Exception as e:
            answer = {"error": "%s: %s" % (type(e).__name__, e)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
