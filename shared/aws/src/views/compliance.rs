//! Queries of the compliance context.

use app::{
    ports::{MonitoredIndex, PortError},
    projection::cases::{self, DUE, LIST_PREFIX, ListedCase, MONITORED, case_key, due_until, list_of},
    views::{AtVersion, CaseFilter, CaseView, ComplianceViews, Page, PageRequest},
};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    ids::{CaseId, CustomerId},
    moment::Moment,
};

use super::{DynamoViews, at_version, document};
use crate::error::port;

#[async_trait]
impl ComplianceViews for DynamoViews {
    async fn case(&self, id: CaseId) -> Result<Option<AtVersion<CaseView>>, PortError> {
        // The row of a case that will never be opened shows nothing.
        let row: Option<AtVersion<Option<CaseView>>> =
            self.row(cases::NAME, &case_key(id)).await?.as_ref().map(at_version).transpose()?;
        Ok(row.and_then(|AtVersion { view, version }| Some(AtVersion { view: view?, version })))
    }

    async fn cases(&self, filter: CaseFilter, page: &PageRequest) -> Result<Page<AtVersion<CaseView>>, PortError> {
        let page: Page<ListedCase> = self.list(cases::NAME, &list_of(filter), LIST_PREFIX, page).await?;
        let items = page.items.into_iter();
        let items = items.map(|(cursor, it)| (cursor, AtVersion { view: it.view, version: it.version }));
        Ok(Page { items: items.collect(), has_next: page.has_next })
    }

    async fn overdue(&self, now: Moment, limit: u16) -> Result<Vec<CaseId>, PortError> {
        let pk = self.generation(cases::NAME).await?.pk(DUE);
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk < :until")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":until", AttributeValue::S(due_until(now)))
            .limit(i32::from(limit.max(1)))
            .send()
            .await
            .map_err(|error| port("list what is due", &error))?;
        answer.items().iter().map(document).collect()
    }
}

#[async_trait]
impl MonitoredIndex for DynamoViews {
    async fn page(&self, after: Option<String>, limit: u16) -> Result<(Vec<CustomerId>, Option<String>), PortError> {
        self.listed(cases::NAME, MONITORED, after, limit).await
    }
}
