//! SQS through the real SDK, on a clock that stands still.

use aws_sdk_sqs::{
    Client,
    error::ProvideErrorMetadata,
    primitives::Blob,
    types::{
        ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message,
        MessageAttributeValue as Attr, MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry,
    },
};
use serde_json::json;

use super::{QueueCounts, QueueSpec, Redrive};
use crate::services::{
    arn,
    testing::{MONDAY_MS, Rules, World},
};

fn with_queues(world: World) -> (World, Client) {
    let redrive = Redrive { dead_letter_arn: arn::queue("dead"), max_receives: 2 };
    let work = QueueSpec { redrive: Some(redrive), ..QueueSpec::new("work") };
    for queue in [QueueSpec::new("dead"), work, QueueSpec { delay_s: 5, ..QueueSpec::new("slow") }] {
        world.aws.sqs.create_queue(&queue).unwrap();
    }
    let client = Client::new(&world.config);
    (world, client)
}

fn url(queue: &str) -> String {
    arn::queue_url(queue)
}

fn text(value: &str) -> Attr {
    Attr::builder().data_type("String").string_value(value).build().unwrap()
}

async fn send(client: &Client, queue: &str, body: &str) {
    client.send_message().queue_url(url(queue)).message_body(body).send().await.unwrap();
}

async fn receive(client: &Client, queue: &str) -> Vec<Message> {
    let request = client.receive_message().queue_url(url(queue)).max_number_of_messages(10);
    let request = request.message_system_attribute_names(MessageSystemAttributeName::All);
    request.message_attribute_names("All").send().await.unwrap().messages.unwrap_or_default()
}

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.body().unwrap()).collect()
}

#[tokio::test]
async fn a_message_arrives_with_everything_it_was_sent_with() {
    let (_world, client) = with_queues(World::new());
    let bytes = Attr::builder().data_type("Binary").binary_value(Blob::new([1, 2, 3])).build().unwrap();
    let sent = client
        .send_message()
        .queue_url(url("work"))
        .message_body("hello")
        .message_attributes("kind", text("account"))
        .message_attributes("bytes", bytes)
        .message_group_id("account#1")
        .send()
        .await
        .unwrap();
    assert_eq!(sent.md5_of_message_body(), Some("5d41402abc4b2a76b9719d911017c592"));
    let received = receive(&client, "work").await;
    let message = &received[0];
    assert_eq!(message.message_id(), sent.message_id());
    assert_eq!(message.body(), Some("hello"));
    assert_eq!(message.md5_of_message_attributes(), sent.md5_of_message_attributes());
    assert_eq!(message.message_attributes().unwrap()["kind"].string_value(), Some("account"));
    assert_eq!(message.message_attributes().unwrap()["bytes"].binary_value().unwrap().as_ref(), [1, 2, 3]);
    let system = message.attributes().unwrap();
    assert_eq!(system[&MessageSystemAttributeName::MessageGroupId], "account#1");
    assert_eq!(system[&MessageSystemAttributeName::ApproximateReceiveCount], "1");
    assert_eq!(system[&MessageSystemAttributeName::SentTimestamp], MONDAY_MS.to_string());
    assert_eq!(system[&MessageSystemAttributeName::SenderId], "Tester");
}

#[test]
fn the_digest_of_attributes_is_amazons() {
    let value = super::AttributeValue::Text("1493147359900".to_owned());
    let attribute = super::MessageAttribute { data_type: "Number".to_owned(), value };
    let attributes = [("timestamp".to_owned(), attribute)].into();
    assert_eq!(super::model::attributes_md5(&attributes).unwrap(), "235c5c510d26fb653d073faed50ae77c");
}

#[tokio::test]
async fn a_received_message_is_hidden_until_its_time_is_over() {
    let (world, client) = with_queues(World::new());
    send(&client, "work", "one").await;
    let first = receive(&client, "work").await;
    assert!(receive(&client, "work").await.is_empty());
    assert_eq!(world.aws.sqs.with_visible().unwrap(), Vec::<String>::new());
    assert_eq!(world.aws.sqs.becoming_visible(MONDAY_MS).unwrap(), [("work".to_owned(), MONDAY_MS + 30_000)]);
    world.seconds_pass(29);
    assert!(receive(&client, "work").await.is_empty());
    world.seconds_pass(1);
    assert_eq!(world.aws.sqs.with_visible().unwrap(), ["work"]);
    let second = receive(&client, "work").await;
    assert_eq!(bodies(&second), ["one"]);
    assert_ne!(first[0].receipt_handle(), second[0].receipt_handle());

    let stale = first[0].receipt_handle().unwrap();
    client.delete_message().queue_url(url("work")).receipt_handle(stale).send().await.unwrap();
    assert_eq!(world.aws.sqs.counts("work").unwrap(), QueueCounts { in_flight: 1, ..QueueCounts::default() });
    let handle = second[0].receipt_handle().unwrap();
    client.delete_message().queue_url(url("work")).receipt_handle(handle).send().await.unwrap();
    assert_eq!(world.aws.sqs.counts("work").unwrap(), QueueCounts::default());
    assert_eq!(world.aws.sqs.with_messages().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_message_can_be_hidden_longer_or_given_back() {
    let (world, client) = with_queues(World::new());
    send(&client, "work", "one").await;
    let messages = receive(&client, "work").await;
    let hide = |seconds| {
        client
            .change_message_visibility()
            .queue_url(url("work"))
            .receipt_handle(messages[0].receipt_handle().unwrap())
            .visibility_timeout(seconds)
            .send()
    };
    hide(100).await.unwrap();
    world.seconds_pass(60);
    assert!(receive(&client, "work").await.is_empty());
    hide(0).await.unwrap();
    assert_eq!(world.aws.sqs.counts("work").unwrap().visible, 1);
    let error = hide(10).await.unwrap_err().into_service_error();
    assert!(error.is_message_not_inflight(), "{error:?}");
}

#[tokio::test]
async fn a_message_received_too_often_goes_to_the_dead_letter_queue_as_it_was() {
    let (world, client) = with_queues(World::new());
    client
        .send_message()
        .queue_url(url("work"))
        .message_body("poison")
        .message_attributes("kind", text("account"))
        .send()
        .await
        .unwrap();
    for _ in 0..2 {
        assert_eq!(bodies(&receive(&client, "work").await), ["poison"]);
        world.seconds_pass(30);
    }
    assert!(receive(&client, "work").await.is_empty());
    let dead = receive(&client, "dead").await;
    assert_eq!(bodies(&dead), ["poison"]);
    assert_eq!(dead[0].message_attributes().unwrap()["kind"].string_value(), Some("account"));
    let source = &dead[0].attributes().unwrap()[&MessageSystemAttributeName::DeadLetterQueueSourceArn];
    assert_eq!(*source, arn::queue("work"));
}

#[tokio::test]
async fn a_message_stays_where_it_is_when_there_is_no_dead_letter_queue() {
    let world = World::new();
    let redrive = Redrive { dead_letter_arn: arn::queue("nowhere"), max_receives: 1 };
    world.aws.sqs.create_queue(&QueueSpec { redrive: Some(redrive), ..QueueSpec::new("work") }).unwrap();
    let client = Client::new(&world.config);
    send(&client, "work", "kept").await;
    for _ in 0..3 {
        assert_eq!(bodies(&receive(&client, "work").await), ["kept"]);
        world.seconds_pass(30);
    }
}

#[tokio::test]
async fn delays_are_the_queues_or_the_messages_own() {
    let (world, client) = with_queues(World::new());
    send(&client, "slow", "queue's").await;
    client.send_message().queue_url(url("slow")).message_body("own").delay_seconds(2).send().await.unwrap();
    assert_eq!(world.aws.sqs.counts("slow").unwrap().delayed, 2);
    world.seconds_pass(2);
    assert_eq!(bodies(&receive(&client, "slow").await), ["own"]);
    world.seconds_pass(3);
    assert_eq!(bodies(&receive(&client, "slow").await), ["queue's"]);
}

#[tokio::test]
async fn a_message_is_forgotten_when_it_was_kept_long_enough() {
    let (world, client) = with_queues(World::new());
    send(&client, "work", "old").await;
    world.seconds_pass(345_600);
    assert!(receive(&client, "work").await.is_empty());
    assert_eq!(world.aws.sqs.counts("work").unwrap(), QueueCounts::default());
}

#[tokio::test]
async fn a_group_with_work_in_flight_lets_quiet_groups_go_first() {
    let (_world, client) = with_queues(World::new());
    for (body, group) in [("a1", "a"), ("a2", "a"), ("b1", "b")] {
        let message = client.send_message().queue_url(url("work")).message_body(body).message_group_id(group);
        message.send().await.unwrap();
    }
    let one = || async {
        let received = client.receive_message().queue_url(url("work")).send().await.unwrap();
        received.messages()[0].body().unwrap().to_owned()
    };
    assert_eq!([one().await, one().await, one().await], ["a1", "b1", "a2"]);
}

#[tokio::test]
async fn a_batch_fails_entry_by_entry() {
    let (_world, client) = with_queues(World::new());
    let entry = |id: &str, body: &str, delay| {
        SendMessageBatchRequestEntry::builder().id(id).message_body(body).delay_seconds(delay).build().unwrap()
    };
    let sent = client
        .send_message_batch()
        .queue_url(url("work"))
        .entries(entry("good", "one", 0))
        .entries(entry("late", "two", 901))
        .send()
        .await
        .unwrap();
    assert_eq!(sent.successful()[0].id(), "good");
    assert_eq!((sent.failed()[0].id(), sent.failed()[0].code()), ("late", "InvalidParameterValue"));
    assert!(sent.failed()[0].sender_fault());

    let messages = receive(&client, "work").await;
    let handle = messages[0].receipt_handle().unwrap();
    let hide = |id: &str, handle: &str| {
        let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(id).receipt_handle(handle);
        entry.visibility_timeout(60).build().unwrap()
    };
    let hidden = client
        .change_message_visibility_batch()
        .queue_url(url("work"))
        .entries(hide("x", handle))
        .entries(hide("y", "junk"))
        .send()
        .await
        .unwrap();
    assert_eq!((hidden.successful().len(), hidden.failed()[0].code()), (1, "ReceiptHandleIsInvalid"));
    let delete = |id: &str, handle: &str| {
        DeleteMessageBatchRequestEntry::builder().id(id).receipt_handle(handle).build().unwrap()
    };
    let deleted = client
        .delete_message_batch()
        .queue_url(url("work"))
        .entries(delete("x", handle))
        .entries(delete("y", "junk"))
        .send()
        .await
        .unwrap();
    assert_eq!((deleted.successful().len(), deleted.failed().len()), (1, 1));

    let twice = client.send_message_batch().queue_url(url("work"));
    let twice = twice.entries(entry("same", "1", 0)).entries(entry("same", "2", 0)).send().await;
    assert!(twice.unwrap_err().into_service_error().is_batch_entry_ids_not_distinct());
}

#[tokio::test]
async fn queues_are_found_described_and_emptied() {
    let (_world, client) = with_queues(World::new());
    let found = client.get_queue_url().queue_name("work").send().await.unwrap();
    assert_eq!(found.queue_url(), Some(url("work").as_str()));
    let listed = client.list_queues().queue_name_prefix("d").send().await.unwrap();
    assert_eq!(listed.queue_urls(), [url("dead")]);
    send(&client, "work", "one").await;
    let described = client
        .get_queue_attributes()
        .queue_url(url("work"))
        .attribute_names(QueueAttributeName::All)
        .send()
        .await
        .unwrap();
    let attributes = described.attributes().unwrap();
    assert_eq!(attributes[&QueueAttributeName::ApproximateNumberOfMessages], "1");
    assert_eq!(attributes[&QueueAttributeName::QueueArn], arn::queue("work"));
    let redrive: serde_json::Value = serde_json::from_str(&attributes[&QueueAttributeName::RedrivePolicy]).unwrap();
    assert_eq!(redrive, json!({ "deadLetterTargetArn": arn::queue("dead"), "maxReceiveCount": 2 }));
    client.purge_queue().queue_url(url("work")).send().await.unwrap();
    assert!(receive(&client, "work").await.is_empty());
}

#[tokio::test]
async fn errors_are_those_that_clients_know() {
    let world = World::guarded(Rules::deny("sqs:SendMessage", &arn::queue("dead")));
    let (_world, client) = with_queues(world);
    let error = client.send_message().queue_url(url("none")).message_body("x").send().await.unwrap_err();
    assert!(error.into_service_error().is_queue_does_not_exist());
    let error = client.send_message().queue_url(url("dead")).message_body("x").send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 403);
    assert_eq!(error.into_service_error().code(), Some("AccessDenied"));
    let entry = SendMessageBatchRequestEntry::builder().id("a").message_body("x").build().unwrap();
    let error = client.send_message_batch().queue_url(url("dead")).entries(entry).send().await.unwrap_err();
    assert_eq!(error.into_service_error().code(), Some("AccessDenied"), "a batch has no permission of its own");
    let fifo = client.send_message().queue_url(url("work")).message_body("x").message_deduplication_id("d");
    let error = fifo.send().await.unwrap_err().into_service_error();
    assert!(error.message().unwrap().contains("MessageDeduplicationId"), "{error:?}");
    let error =
        client.send_message().queue_url(url("work")).message_body("x".repeat(262_145)).send().await.unwrap_err();
    assert_eq!(error.into_service_error().code(), Some("InvalidParameterValue"));
    let error = client.send_message().queue_url(url("work")).message_body("\u{1}").send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_message_contents());
    let error = client.delete_message().queue_url(url("work")).receipt_handle("junk").send().await.unwrap_err();
    assert!(error.into_service_error().is_receipt_handle_is_invalid());
    let error = client.list_dead_letter_source_queues().queue_url(url("dead")).send().await.unwrap_err();
    assert!(error.into_service_error().message().unwrap().contains("ListDeadLetterSourceQueues"));
}

#[tokio::test]
async fn a_restart_loses_no_message_and_gives_back_what_was_in_flight() {
    let dir = tempfile::tempdir().unwrap();
    let (world, client) = with_queues(World::in_folder(dir.path()));
    send(&client, "work", "in flight").await;
    assert_eq!(receive(&client, "work").await.len(), 1);
    send(&client, "work", "waiting").await;
    std::mem::forget(world); // The process dies: nothing is closed.

    let (world, client) = with_queues(World::in_folder(dir.path()));
    assert_eq!(world.aws.sqs.counts("work").unwrap(), QueueCounts { visible: 1, in_flight: 1, delayed: 0 });
    world.aws.sqs.give_back("work").unwrap();
    let received = receive(&client, "work").await;
    assert_eq!(bodies(&received), ["in flight", "waiting"]);
    let receives =
        |message: &Message| message.attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount].clone();
    assert_eq!(received.iter().map(receives).collect::<Vec<_>>(), ["2", "1"]);
}

#[tokio::test]
async fn a_long_poll_of_an_empty_queue_holds_nothing_up() {
    let (_world, client) = with_queues(World::new());
    let received = client.receive_message().queue_url(url("work")).wait_time_seconds(20).send().await.unwrap();
    assert!(received.messages.is_none());
}

#[tokio::test]
async fn a_record_is_what_lambda_gives_to_a_function() {
    let (world, client) = with_queues(World::new());
    let sent = client
        .send_message()
        .queue_url(url("work"))
        .message_body("hello")
        .message_attributes("kind", text("account"))
        .send()
        .await
        .unwrap();
    let message = &world.aws.sqs.receive("work", 10, None).unwrap()[0];
    assert_eq!(
        message.lambda_record("work"),
        json!({
            "messageId": sent.message_id(),
            "receiptHandle": message.receipt_handle,
            "body": "hello",
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": MONDAY_MS.to_string(),
                "SenderId": "Tester",
                "ApproximateFirstReceiveTimestamp": MONDAY_MS.to_string(),
            },
            "messageAttributes": {
                "kind": { "stringValue": "account", "stringListValues": [], "binaryListValues": [], "dataType": "String" },
            },
            "md5OfBody": sent.md5_of_message_body(),
            "md5OfMessageAttributes": sent.md5_of_message_attributes(),
            "eventSource": "aws:sqs",
            "eventSourceARN": arn::queue("work"),
            "awsRegion": "eu-west-1",
        })
    );
    world.aws.sqs.delete("work", &message.receipt_handle).unwrap();
    assert!(world.aws.sqs.peek("work", 10).unwrap().is_empty());
}
