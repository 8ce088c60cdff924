//! Pointers of projections: a row each, `c` the generation that is read, `b` the one that is being built, and `w` which write of ours
//! it was.

use std::collections::HashMap;

use app::{
    ports::PortError,
    projection::{Generation, Generations, Pointer, RowKey},
};
use async_trait::async_trait;
use aws_sdk_dynamodb::{
    operation::put_item::PutItemError,
    types::{AttributeValue, DeleteRequest, WriteRequest},
};

use uuid::Uuid;

use super::{DynamoRows, key_of, stored_key_of};
use crate::error::{port, unbuilt};

/// How many rows one call removes.
const REMOVED_AT_ONCE: usize = 25;
/// How often what one call left over is sent again.
const LEFT_OVER_MAX: u32 = 10;

const REMOVE: &str = "remove rows";
const CORRUPT: PortError = PortError::Corrupt { attempted: "read a projection's pointer" };

/// Where a projection's pointer is.
pub(crate) fn pointer_key(projection: &str) -> RowKey {
    RowKey::new(format!("projection#{projection}"), "pointer")
}

/// What a pointer's row says; without a row nothing was ever rebuilt.
pub(crate) fn pointer_of(item: Option<&HashMap<String, AttributeValue>>) -> Result<Pointer, PortError> {
    let Some(item) = item else { return Ok(Pointer::FIRST) };
    let number = |name: &str| {
        let value = item.get(name).map(|it| it.as_n().ok().and_then(|it| it.parse().ok()).map(Generation));
        value.map(|number| number.ok_or(CORRUPT)).transpose()
    };
    Ok(Pointer { current: number("c")?.ok_or(CORRUPT)?, building: number("b")? })
}

fn number(generation: Generation) -> AttributeValue {
    AttributeValue::N(generation.0.to_string())
}

impl DynamoRows {
    async fn pointer_item(&self, projection: &str) -> Result<Option<HashMap<String, AttributeValue>>, PortError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key_of(&pointer_key(projection))))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| port("read a projection's pointer", &error))?;
        Ok(answer.item)
    }

    async fn remove_some(&self, keys: &[RowKey]) -> Result<(), PortError> {
        let requests = keys.iter().map(|key| {
            let request = DeleteRequest::builder().set_key(Some(key_of(key))).build();
            request.map(|request| WriteRequest::builder().delete_request(request).build())
        });
        let requests = requests.collect::<Result<Vec<_>, _>>().map_err(|error| unbuilt(REMOVE, error))?;
        let mut left = HashMap::from([(self.table.clone(), requests)]);
        for _ in 0..LEFT_OVER_MAX {
            let answer = self.client.batch_write_item().set_request_items(Some(left)).send().await;
            left = answer.map_err(|error| port(REMOVE, &error))?.unprocessed_items.unwrap_or_default();
            if left.is_empty() {
                return Ok(());
            }
        }
        Err(PortError::Throttled { attempted: REMOVE })
    }
}

#[async_trait]
impl Generations for DynamoRows {
    async fn pointer(&self, projection: &str) -> Result<Pointer, PortError> {
        pointer_of(self.pointer_item(projection).await?.as_ref())
    }

    async fn move_pointer(&self, projection: &str, from: Pointer, to: Pointer) -> Result<bool, PortError> {
        let write = AttributeValue::S(Uuid::new_v4().to_string());
        let mut item = key_of(&pointer_key(projection));
        item.extend([("c".to_owned(), number(to.current)), ("w".to_owned(), write.clone())]);
        item.extend(to.building.map(|building| ("b".to_owned(), number(building))));
        let (building, values) = match from.building {
            None => ("attribute_not_exists(b)", None),
            Some(building) => ("b = :b", Some((":b".to_owned(), number(building)))),
        };
        let mut condition = format!("c = :c AND {building}");
        if from == Pointer::FIRST {
            condition = format!("attribute_not_exists(pk) OR ({condition})");
        }
        let values = values.into_iter().chain([(":c".to_owned(), number(from.current))]).collect();
        let outcome = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                // The SDK sends a put again whose answer was lost; the second one then meets the first one's row. Another
                // rebuild may want the very same numbers, so it is told apart by which write it was.
                Some(PutItemError::ConditionalCheckFailedException(_)) => {
                    let found = self.pointer_item(projection).await?;
                    Ok(found.is_some_and(|item| item.get("w") == Some(&write)))
                }
                _ => Err(port("move a projection's pointer", &error)),
            },
        }
    }

    async fn keys(&self, after: Option<RowKey>) -> Result<(Vec<RowKey>, Option<RowKey>), PortError> {
        let answer = self
            .client
            .scan()
            .table_name(&self.table)
            .projection_expression("pk, sk")
            .set_exclusive_start_key(after.as_ref().map(key_of))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| port("scan the keys of rows", &error))?;
        let keys = answer.items().iter().filter_map(stored_key_of).collect();
        Ok((keys, answer.last_evaluated_key().and_then(stored_key_of)))
    }

    async fn remove(&self, keys: &[RowKey]) -> Result<(), PortError> {
        for some in keys.chunks(REMOVED_AT_ONCE) {
            self.remove_some(some).await?;
        }
        Ok(())
    }
}
