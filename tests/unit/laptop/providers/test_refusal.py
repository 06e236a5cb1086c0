"""What AWS answers, as a sentence with the property it is about."""

from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError

from delivery.laptop.providers.aws.refusal import tell


def refused(text, code="InvalidParameter", call="CreateQueue"):
    return ClientError({"Error": {"Code": code, "Message": text}}, call)


def test_the_property_is_the_one_whose_value_aws_repeats():
    inputs = {"name": "queue", "policy": "arn:of:the:queue", "role": "role"}
    assert tell(refused("arn:of:the:queue does not exist."), inputs) == (
        "policy: AWS refused CreateQueue: arn:of:the:queue does not exist (InvalidParameter)"
    )


def test_else_it_is_the_one_whose_name_aws_says():
    assert tell(refused("Value 4 at 'memorySize' is too small"), {"memorySize": 4, "name": "queue"}) == (
        "memorySize: AWS refused CreateQueue: Value 4 at 'memorySize' is too small (InvalidParameter)"
    )


def test_a_refusal_about_nothing_in_particular_names_no_property():
    assert tell(refused("Rate exceeded", "Throttling"), {"name": "queue"}) == (
        "AWS refused CreateQueue: Rate exceeded (Throttling)"
    )


def test_what_boto3_itself_refuses_is_told_without_its_report():
    error = ParamValidationError(report="Invalid type for parameter MemorySize, value: x")
    assert tell(error, {"memorySize": "x"}) == (
        "memorySize: AWS does not take it: Invalid type for parameter MemorySize, value: x"
    )


def test_silence_points_to_the_laptop():
    error = EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
    assert tell(error, {}) == "AWS does not answer; is the laptop's cloud up? Start it with ./inv up"


def test_other_errors_are_told_as_they_are():
    assert tell(ValueError("name: is missing"), {}) == "name: is missing"
    assert tell(KeyError("apiId"), {}) == "KeyError: 'apiId'"
