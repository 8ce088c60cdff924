//! What is sent, when, under whose permission, and once.

use aws_sdk_sqs as sqs;
use serde_json::{Value, json};

use super::ScheduleSpec;
use crate::services::{
    QueueSpec, arn,
    testing::{MONDAY_MS, Rules, World},
};

const MINUTE_S: i64 = 60;

fn spec(expression: &str) -> ScheduleSpec {
    ScheduleSpec {
        name: "weekly".to_owned(),
        arn: arn::schedule("weekly"),
        expression: expression.to_owned(),
        queue_arn: arn::queue("payouts"),
        role: "WeeklyRole".to_owned(),
        role_arn: arn::role("weekly"),
        input: r#"{"scheduledAt":"<aws.scheduler.scheduled-time>"}"#.to_owned(),
        dead_letter_arn: Some(arn::queue("missed")),
    }
}

fn with_queues(world: World) -> World {
    for queue in ["payouts", "missed"] {
        world.aws.sqs.create_queue(&QueueSpec::new(queue)).unwrap();
    }
    world
}

fn bodies(world: &World, queue: &str) -> Vec<String> {
    world.aws.sqs.peek(queue, 10).unwrap().into_iter().map(|message| message.body).collect()
}

fn scheduled(world: &World) -> Vec<String> {
    let time = |body: String| serde_json::from_str::<Value>(&body).unwrap()["scheduledAt"].as_str().unwrap().to_owned();
    bodies(world, "payouts").into_iter().map(time).collect()
}

#[test]
fn a_new_schedule_begins_when_it_is_made() {
    let world = with_queues(World::new()); // Monday, 10:00
    world.aws.scheduler.create_schedule(&spec("cron(0 1 ? * MON *)")).unwrap();
    assert!(!world.aws.scheduler.pass().unwrap());
    assert_eq!(world.aws.scheduler.next_due_ms().unwrap(), Some(MONDAY_MS + 159 * 3_600_000));

    world.seconds_pass(159 * 3_600 - 1);
    assert!(!world.aws.scheduler.pass().unwrap());
    world.seconds_pass(1);
    assert!(world.aws.scheduler.pass().unwrap());
    assert!(!world.aws.scheduler.pass().unwrap());
    assert_eq!(scheduled(&world), ["2026-01-12T01:00:00Z"]);
}

#[test]
fn times_that_were_jumped_over_are_served_each_and_in_order() {
    let world = with_queues(World::new());
    world.aws.scheduler.create_schedule(&spec("cron(0 1 ? * MON *)")).unwrap();
    let daily = ScheduleSpec { name: "daily".to_owned(), ..spec("cron(0 0 * * ? *)") };
    world.aws.scheduler.create_schedule(&daily).unwrap();
    world.seconds_pass(8 * 24 * 3_600);
    assert!(world.aws.scheduler.pass().unwrap());
    let expected = ["06T00", "07T00", "08T00", "09T00", "10T00", "11T00", "12T00", "12T01", "13T00"];
    assert_eq!(scheduled(&world), expected.map(|time| format!("2026-01-{time}:00:00Z")));
}

#[test]
fn a_restart_neither_loses_nor_repeats() {
    let dir = tempfile::tempdir().unwrap();
    let world = with_queues(World::in_folder(dir.path()));
    world.aws.scheduler.create_schedule(&spec("rate(10 minutes)")).unwrap();
    assert!(world.aws.scheduler.pass().unwrap());
    drop(world);

    let world = World::in_folder(dir.path());
    world.aws.scheduler.create_schedule(&spec("rate(10 minutes)")).unwrap();
    assert!(!world.aws.scheduler.pass().unwrap());
    drop(world);

    let world = World::in_folder(dir.path());
    world.seconds_pass(25 * MINUTE_S);
    world.aws.scheduler.create_schedule(&spec("rate(10 minutes)")).unwrap();
    world.aws.scheduler.pass().unwrap();
    let expected = ["10:00", "10:10", "10:20"];
    assert_eq!(scheduled(&world), expected.map(|time| format!("2026-01-05T{time}:00Z")));
}

#[test]
fn another_expression_begins_anew_and_a_schedule_that_is_gone_is_not_served() {
    let world = with_queues(World::new());
    world.aws.scheduler.create_schedule(&spec("cron(0 0 * * ? *)")).unwrap();
    world.seconds_pass(20 * 3_600);
    world.aws.scheduler.create_schedule(&spec("cron(0 12 * * ? *)")).unwrap();
    assert!(!world.aws.scheduler.pass().unwrap());
    world.seconds_pass(6 * 3_600);
    world.aws.scheduler.pass().unwrap();
    assert_eq!(scheduled(&world), ["2026-01-06T12:00:00Z"]);

    world.aws.scheduler.keep_schedules(&["weekly".to_owned()]).unwrap();
    assert!(world.aws.scheduler.next_due_ms().unwrap().is_some());
    world.aws.scheduler.keep_schedules(&[]).unwrap();
    assert_eq!(world.aws.scheduler.next_due_ms().unwrap(), None);
}

#[test]
fn every_context_attribute_is_replaced() {
    let world = with_queues(World::new());
    let input = "<aws.scheduler.scheduled-time> <aws.scheduler.schedule-arn> <aws.scheduler.attempt-number> \
                 <aws.scheduler.execution-id> <aws.scheduler.other>";
    let spec = ScheduleSpec { input: input.to_owned(), ..spec("rate(1 day)") };
    world.aws.scheduler.create_schedule(&spec).unwrap();
    world.aws.scheduler.pass().unwrap();
    let body = bodies(&world, "payouts").remove(0);
    let parts: Vec<&str> = body.split(' ').collect();
    assert_eq!(parts[..3], ["2026-01-05T10:00:00Z", &spec.arn, "1"]);
    assert!(parts[3].len() == 16 && parts[3].chars().all(|c| c.is_ascii_hexdigit()), "{body}");
    assert_eq!(parts[4], "<aws.scheduler.other>");
}

#[tokio::test]
async fn a_role_that_may_not_send_leaves_the_call_and_the_reason_in_the_dead_letter_queue() {
    let queue = arn::queue("payouts");
    let world = with_queues(World::guarded(Rules::deny("sqs:SendMessage", &queue)));
    world.aws.scheduler.create_schedule(&spec("rate(1 day)")).unwrap();
    world.aws.scheduler.pass().unwrap();
    assert_eq!(scheduled(&world), Vec::<String>::new());

    let sqs = sqs::Client::new(&world.config);
    let received = sqs.receive_message().queue_url(arn::queue_url("missed")).message_attribute_names("All");
    let message = received.send().await.unwrap().messages.unwrap().remove(0);
    let call: Value = serde_json::from_str(&message.body.unwrap()).unwrap();
    let expected = json!({
        "MessageBody": r#"{"scheduledAt":"2026-01-05T10:00:00Z"}"#,
        "QueueUrl": arn::queue_url("payouts"),
    });
    assert_eq!(call, expected);
    let attributes = message.message_attributes.unwrap();
    let text = |name: &str| attributes[name].string_value.clone().unwrap();
    assert_eq!((text("ERROR_CODE"), text("TARGET_ARN")), ("AccessDenied".to_owned(), queue));
    assert_eq!(
        (text("SCHEDULE_ARN"), text("SCHEDULED_TIME")),
        (arn::schedule("weekly"), "2026-01-05T10:00:00Z".to_owned())
    );
    assert!(text("ERROR_MESSAGE").contains("sqs:SendMessage"));
}

#[test]
fn a_role_that_does_not_trust_the_scheduler_sends_nothing_anywhere() {
    let world = with_queues(World::guarded(Rules::deny_service("scheduler.amazonaws.com", &arn::role("weekly"))));
    world.aws.scheduler.create_schedule(&spec("rate(1 day)")).unwrap();
    world.aws.scheduler.pass().unwrap();
    assert_eq!((bodies(&world, "payouts").len(), bodies(&world, "missed").len()), (0, 0));
}

#[test]
fn a_queue_that_is_gone_is_answered_for_by_the_dead_letters() {
    let world = World::new();
    world.aws.sqs.create_queue(&QueueSpec::new("missed")).unwrap();
    world.aws.scheduler.create_schedule(&spec("at(2026-01-05T10:00:01)")).unwrap();
    world.seconds_pass(MINUTE_S);
    world.aws.scheduler.pass().unwrap();
    assert_eq!(bodies(&world, "missed").len(), 1);
    assert_eq!(world.aws.scheduler.next_due_ms().unwrap(), None);
}

#[test]
fn an_expression_that_is_none_is_refused() {
    let refused = World::new().aws.scheduler.create_schedule(&spec("cron(0 1 * * * *)")).unwrap_err();
    assert!(refused.to_string().contains("weekly"), "{refused}");
}
