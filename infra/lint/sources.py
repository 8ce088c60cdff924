"""Event source mappings: how queues and streams hand work to functions."""

from collections.abc import Iterator

from stack import Stack

Found = Iterator[tuple[str, str]]
QUEUE, TABLE, BUCKET = "AWS::SQS::Queue", "AWS::DynamoDB::Table", "AWS::S3::Bucket"

# Above it Lambda wants to be told how long it may wait for so many.
BATCH_WITHOUT_WINDOW_MAX = 10


def one_bad_message_holds_up_no_other(stack: Stack) -> Found:
    """Without it the answer that names what failed is not read: all of the batch counts as done, and it is lost."""
    for kind in (QUEUE, TABLE):
        for name, mapping, _, _ in stack.sources(kind):
            if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
                yield name, "set FunctionResponseTypes: [ReportBatchItemFailures]"


def a_large_batch_has_a_window(stack: Stack) -> Found:
    """Without it Lambda refuses the mapping, in the middle of a deployment."""
    for name, mapping, _, _ in stack.sources(QUEUE):
        if mapping.get("BatchSize", 10) > BATCH_WITHOUT_WINDOW_MAX and not mapping.get(
            "MaximumBatchingWindowInSeconds"
        ):
            yield name, f"set MaximumBatchingWindowInSeconds, or a BatchSize of at most {BATCH_WITHOUT_WINDOW_MAX}"


def one_bad_commit_holds_up_no_other(stack: Stack) -> Found:
    """Without it a stream retries one record until it is a day old, and loses what came behind it."""
    for name, mapping, _, _ in stack.sources(TABLE):
        if mapping.get("MaximumRetryAttempts", -1) < 0:
            yield name, "set MaximumRetryAttempts: without it a stream retries for ever"
        if mapping.get("BisectBatchOnFunctionError") is not True:
            yield name, "set BisectBatchOnFunctionError: true, or good commits are given up with the bad one"


def what_a_stream_gives_up_is_kept(stack: Stack) -> Found:
    """Without it a commit that could not be published is skipped in silence: no consumer ever hears of it."""
    for name, mapping, _, function in stack.sources(TABLE):
        bucket = stack.subject(mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"))
        if stack.kind(bucket) != BUCKET:
            yield name, "give it an OnFailure destination, a bucket: a queue would get no records"
            continue
        for action in ("s3:PutObject", "s3:ListBucket"):
            if not stack.may(function, action, bucket):
                yield function, f"allow it {action} on {bucket}: Lambda keeps failures there under this role"


def a_stream_is_read_from_its_beginning(stack: Stack) -> Found:
    """Without it what is committed while the mapping is made or replaced is never published."""
    for name, mapping, _, _ in stack.sources(TABLE):
        if mapping.get("StartingPosition") != "TRIM_HORIZON":
            yield name, "set StartingPosition: TRIM_HORIZON"


RULES = (
    one_bad_message_holds_up_no_other,
    a_large_batch_has_a_window,
    one_bad_commit_holds_up_no_other,
    what_a_stream_gives_up_is_kept,
    a_stream_is_read_from_its_beginning,
)
