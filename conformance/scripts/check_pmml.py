"""Validates files against the PMML schema, with Java's own validator: {"model": file}.

The schema, pmml.xsd, is in the pmml-model jar that comes with jpmml_evaluator.
"""
import glob
import os

import jpmml_evaluator
import jpype

from jobs import serve

jar = glob.glob(os.path.join(os.path.dirname(jpmml_evaluator.__file__), "dependencies", "pmml-model-[0-9]*.jar"))[0]
jpype.startJVM("-Djdk.xml.maxOccurLimit=0")
Factory = jpype.JClass("javax.xml.validation.SchemaFactory")
URL, File, Source = (jpype.JClass(n) for n in ("java.net.URL", "java.io.File", "javax.xml.transform.stream.StreamSource"))
schema = Factory.newInstance("http://www.w3.org/2001/XMLSchema").newSchema(URL("jar:file:%s!/pmml.xsd" % jar))


def validate(job):
    schema.newValidator().validate(Source(File(job["model"])))


if __name__ == "__main__":
    serve(validate)
