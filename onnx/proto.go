package onnx

import "google.golang.org/protobuf/encoding/protowire"

// Field numbers and enumerations of onnx.proto (IR version 8) that are written or read here. A message is its fields, each
// a tag (number and wire type) and a value; lists may be packed into one field or stand one by one.
//
//	ModelProto      ir_version=1 producer_name=2 producer_version=3 graph=7 opset_import=8 metadata_props=14
//	OperatorSetId   domain=1 version=2
//	StringString    key=1 value=2
//	GraphProto      node=1 name=2 initializer=5 input=11 output=12
//	NodeProto       input=1 output=2 name=3 op_type=4 attribute=5 domain=7
//	AttributeProto  name=1 f=2 i=3 s=4 t=5 floats=7 ints=8 strings=9 type=20
//	TensorProto     dims=1 data_type=2 float_data=4 int32_data=5 string_data=6 int64_data=7 name=8 raw_data=9
//	                double_data=10 uint64_data=11 external_data=13 data_location=14
//	ValueInfoProto  name=1 type=2;  TypeProto tensor_type=1;  Tensor elem_type=1 shape=2;  Shape dim=1;
//	Dim             dim_value=1 dim_param=2
type number = protowire.Number

const (
	modelIR, modelProducer, modelProducerVersion, modelGraph, modelOpset, modelMetadata number = 1, 2, 3, 7, 8, 14

	opsetDomain, opsetVersion number = 1, 2
	entryKey, entryValue      number = 1, 2

	graphNode, graphName, graphInit, graphInput, graphOutput number = 1, 2, 5, 11, 12

	nodeInput, nodeOutput, nodeName, nodeOp, nodeAttr, nodeDomain number = 1, 2, 3, 4, 5, 7

	attrName, attrF, attrI, attrS, attrT, attrFloats, attrInts, attrStrings, attrType number = 1, 2, 3, 4, 5, 7, 8, 9, 20

	tensorDims, tensorType, tensorFloats, tensorInt32s, tensorStrings, tensorInt64s, tensorName, tensorRaw, tensorDoubles, tensorUint64s number = 1, 2, 4, 5, 6, 7, 8, 9, 10, 11
	tensorExternal, tensorLocation                                                                                                       number = 13, 14

	valueName, valueType, typeTensor, tensorTypeElem, tensorTypeShape, shapeDim, dimValue, dimParam number = 1, 2, 1, 1, 2, 1, 1, 2
)

// AttributeProto.AttributeType.
const (
	typeInt     = 2
	typeTensorA = 4
	typeFloats  = 6
	typeInts    = 7
	typeStrings = 8
)

// TensorProto.DataType.
const (
	elemFloat  = 1
	elemUint8  = 2
	elemUint16 = 4
	elemInt32  = 6
	elemInt64  = 7
	elemString = 8
	elemBool   = 9
	elemDouble = 11
	elemUint32 = 12
)

const (
	varint  = protowire.VarintType
	fixed32 = protowire.Fixed32Type
	fixed64 = protowire.Fixed64Type
	bytesT  = protowire.BytesType
)
