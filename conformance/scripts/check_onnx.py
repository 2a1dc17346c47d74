"""Lets onnx's own checker look at files, types and shapes included: {"model": file}."""
import onnx

from jobs import serve

if __name__ == "__main__":
    serve(lambda job: onnx.checker.check_model(job["model"], full_check=True))
