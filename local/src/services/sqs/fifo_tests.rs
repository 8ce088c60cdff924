//! FIFO queues through the real SDK, on a clock that stands still.

use aws_sdk_sqs::{
    Client,
    error::ProvideErrorMetadata,
    operation::send_message::SendMessageOutput,
    types::{Message, MessageSystemAttributeName, QueueAttributeName},
};

use super::{Deduplication, Fifo, QueueSpec, Redrive};
use crate::services::{arn, testing::World};

const FIVE_MINUTES_S: i64 = 300;

/// `work.fifo` takes ids within the queue, `content.fifo` digests within the group.
fn with_queues() -> (World, Client) {
    let world = World::new();
    let fifo = |deduplication, content_based| Some(Fifo { content_based, deduplication });
    let redrive = Redrive { dead_letter_arn: arn::queue("dead.fifo"), max_receives: 1 };
    let dead = QueueSpec { fifo: fifo(Deduplication::Queue, false), ..QueueSpec::new("dead.fifo") };
    let content = QueueSpec { fifo: fifo(Deduplication::Group, true), ..QueueSpec::new("content.fifo") };
    let strict = QueueSpec { redrive: Some(redrive), ..dead.clone() };
    let queues = [
        QueueSpec { name: "work.fifo".to_owned(), ..dead.clone() },
        QueueSpec { name: "strict.fifo".to_owned(), ..strict },
        dead,
        content,
        QueueSpec::new("plain"),
    ];
    for queue in queues {
        world.aws.sqs.create_queue(&queue).unwrap();
    }
    let client = Client::new(&world.config);
    (world, client)
}

async fn send(client: &Client, queue: &str, group: &str, id: &str) -> SendMessageOutput {
    let message = client.send_message().queue_url(arn::queue_url(queue)).message_body(id).message_group_id(group);
    message.message_deduplication_id(id).send().await.unwrap()
}

async fn receive(client: &Client, queue: &str, max: i32) -> Vec<Message> {
    let request = client.receive_message().queue_url(arn::queue_url(queue)).max_number_of_messages(max);
    let request = request.message_system_attribute_names(MessageSystemAttributeName::All);
    request.send().await.unwrap().messages.unwrap_or_default()
}

async fn delete(client: &Client, queue: &str, message: &Message) {
    let handle = message.receipt_handle().unwrap();
    client.delete_message().queue_url(arn::queue_url(queue)).receipt_handle(handle).send().await.unwrap();
}

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.body().unwrap()).collect()
}

#[tokio::test]
async fn a_group_keeps_its_order_and_says_its_places() {
    let (_world, client) = with_queues();
    let first = send(&client, "work.fifo", "a", "a1").await;
    let second = send(&client, "work.fifo", "a", "a2").await;
    assert!(first.sequence_number() < second.sequence_number());
    assert_eq!(first.sequence_number().map(str::len), Some(20));
    let messages = receive(&client, "work.fifo", 10).await;
    assert_eq!(bodies(&messages), ["a1", "a2"]);
    let system = messages[1].attributes().unwrap();
    assert_eq!(system[&MessageSystemAttributeName::MessageDeduplicationId], "a2");
    assert_eq!(Some(system[&MessageSystemAttributeName::SequenceNumber].as_str()), second.sequence_number());
    assert_eq!(system[&MessageSystemAttributeName::MessageGroupId], "a");
}

#[tokio::test]
async fn a_group_waits_while_a_message_of_it_is_in_flight_and_others_do_not() {
    let (world, client) = with_queues();
    for (group, id) in [("a", "a1"), ("a", "a2"), ("b", "b1"), ("a", "a3")] {
        send(&client, "work.fifo", group, id).await;
    }
    let first = receive(&client, "work.fifo", 1).await;
    assert_eq!(bodies(&first), ["a1"]);
    assert_eq!(bodies(&receive(&client, "work.fifo", 10).await), ["b1"]);
    delete(&client, "work.fifo", &first[0]).await;
    assert_eq!(bodies(&receive(&client, "work.fifo", 1).await), ["a2"]);
    // Its time is over: it comes again, and before what is behind it.
    world.seconds_pass(30);
    assert_eq!(bodies(&receive(&client, "work.fifo", 10).await), ["a2", "b1", "a3"]);
}

#[tokio::test]
async fn the_head_of_a_group_holds_it_up_even_if_another_of_it_was_given_back() {
    let (_world, client) = with_queues();
    for id in ["a1", "a2"] {
        send(&client, "work.fifo", "a", id).await;
    }
    let both = receive(&client, "work.fifo", 10).await;
    let back = client.change_message_visibility().queue_url(arn::queue_url("work.fifo")).visibility_timeout(0);
    back.receipt_handle(both[1].receipt_handle().unwrap()).send().await.unwrap();
    assert!(receive(&client, "work.fifo", 10).await.is_empty());
    delete(&client, "work.fifo", &both[0]).await;
    assert_eq!(bodies(&receive(&client, "work.fifo", 10).await), ["a2"]);
}

#[tokio::test]
async fn the_same_id_is_taken_once_within_five_minutes_even_when_it_is_gone() {
    let (world, client) = with_queues();
    let first = send(&client, "work.fifo", "a", "x").await;
    let messages = receive(&client, "work.fifo", 10).await;
    delete(&client, "work.fifo", &messages[0]).await;
    world.seconds_pass(FIVE_MINUTES_S - 1);
    let again = send(&client, "work.fifo", "b", "x").await;
    assert_eq!((again.message_id(), again.sequence_number()), (first.message_id(), first.sequence_number()));
    assert!(receive(&client, "work.fifo", 10).await.is_empty());
    world.seconds_pass(1);
    send(&client, "work.fifo", "b", "x").await;
    assert_eq!(bodies(&receive(&client, "work.fifo", 10).await), ["x"]);
}

#[tokio::test]
async fn the_same_content_is_taken_once_in_each_group() {
    let (_world, client) = with_queues();
    for (group, body) in [("a", "same"), ("b", "same"), ("a", "same"), ("a", "other")] {
        let message = client.send_message().queue_url(arn::queue_url("content.fifo")).message_body(body);
        message.message_group_id(group).send().await.unwrap();
    }
    assert_eq!(bodies(&receive(&client, "content.fifo", 10).await), ["same", "same", "other"]);
}

#[tokio::test]
async fn what_was_received_too_often_makes_way_and_keeps_its_ids() {
    let (world, client) = with_queues();
    for id in ["a1", "a2"] {
        send(&client, "strict.fifo", "a", id).await;
    }
    assert_eq!(bodies(&receive(&client, "strict.fifo", 1).await), ["a1"]);
    world.seconds_pass(30);
    assert_eq!(bodies(&receive(&client, "strict.fifo", 10).await), ["a2"]);
    let dead = receive(&client, "dead.fifo", 10).await;
    assert_eq!(bodies(&dead), ["a1"]);
    let system = dead[0].attributes().unwrap();
    assert_eq!(system[&MessageSystemAttributeName::MessageDeduplicationId], "a1");
    assert_eq!(system[&MessageSystemAttributeName::DeadLetterQueueSourceArn], arn::queue("strict.fifo"));
}

#[tokio::test]
async fn what_does_not_fit_the_type_of_queue_is_refused() {
    let (_world, client) = with_queues();
    let to = |queue: &str| client.send_message().queue_url(arn::queue_url(queue)).message_body("x");
    let no_group = to("work.fifo").message_deduplication_id("d").send().await.unwrap_err().into_service_error();
    assert_eq!(no_group.code(), Some("MissingParameter"));
    let wrong = [
        to("work.fifo").message_group_id("g"),
        to("work.fifo").message_group_id("g").message_deduplication_id("d").delay_seconds(5),
        to("work.fifo").message_group_id("g g").message_deduplication_id("d"),
        to("work.fifo").message_group_id("g").message_deduplication_id("d".repeat(129)),
        to("plain").message_deduplication_id("d"),
    ];
    for message in wrong {
        let error = message.send().await.unwrap_err().into_service_error();
        assert_eq!(error.code(), Some("InvalidParameterValue"), "{error:?}");
    }
}

#[tokio::test]
async fn a_fifo_queue_says_so() {
    let (_world, client) = with_queues();
    let described = client.get_queue_attributes().queue_url(arn::queue_url("content.fifo"));
    let described = described.attribute_names(QueueAttributeName::All).send().await.unwrap();
    let attributes = described.attributes().unwrap();
    let text = |name: QueueAttributeName| attributes[&name].as_str();
    assert_eq!(text(QueueAttributeName::FifoQueue), "true");
    assert_eq!(text(QueueAttributeName::ContentBasedDeduplication), "true");
    assert_eq!(text(QueueAttributeName::DeduplicationScope), "messageGroup");
}
