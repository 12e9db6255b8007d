//! What was done to functions in clouds: the control planes' records, and runs of functions.

use arrow_schema::DataType;
use coldtrail_engine::functions::record_reference;
use coldtrail_engine::plan::{
    Expr, LogicalPlan, LogicalPlanBuilder, cast, column, in_list, lit, lower,
};
use coldtrail_engine::{Engine, EngineError, Rows};
use coldtrail_model::{Field, FieldType, Table, Window};

use crate::contacts::{field, inside};

/// Services that run functions or publish them, as their own records call them, in lower case.
const SERVICES: [&str; 14] = [
    "lambda.amazonaws.com",
    "apigateway.amazonaws.com",
    "apprunner.amazonaws.com",
    "amplify.amazonaws.com",
    "cloudfunctions.googleapis.com",
    "run.googleapis.com",
    "apigateway.googleapis.com",
    "appengine.googleapis.com",
    "script.googleapis.com",
    "microsoft.web",
    "microsoft.app",
    "microsoft.logic",
    "microsoft.apimanagement",
    "workers",
];

/// A plan of what was done to functions, over all the history there is.
///
/// It has the columns of the table `cloud`, all words as plain texts; `record`; and `in_window`,
/// which says whether it happened in the time looked at.
///
/// # Errors
///
/// When the plan cannot be built.
pub async fn cloud<E: Engine>(
    engine: &E,
    history: Window,
    window: Window,
) -> Result<LogicalPlan, EngineError> {
    let rows = cloud_rows(engine.table(Table::Cloud, Rows::Contacts).await?, history)?;
    let reference = record_reference(
        field(Field::Timestamp),
        field(Field::RecordSource),
        field(Field::RecordOffset),
        field(Field::RecordLength),
    );
    let in_window = inside(window).into_iter().fold(lit(true), Expr::and);
    let plain = kept().map(|kept| match kept.field_type() {
        FieldType::Keyword => cast(field(kept), DataType::Utf8).alias(kept.name()),
        _ => field(kept),
    });
    let all = plain.chain([reference.alias("record"), in_window.alias("in_window")]);
    Ok(LogicalPlanBuilder::from(rows).project(all)?.build()?)
}

/// The rows of a scan that are about functions.
///
/// # Errors
///
/// When the scan is not one of the table `cloud`.
pub fn cloud_rows(scan: LogicalPlan, window: Window) -> Result<LogicalPlan, EngineError> {
    let is_of_service = |name: Field| {
        let services = SERVICES.iter().map(|service| lit(*service)).collect();
        in_list(lower(cast(field(name), DataType::Utf8)), services, false)
    };
    let is_of_cloudflare = cast(field(Field::CloudProvider), DataType::Utf8).eq(lit("cloudflare"));
    let matters = field(Field::FaasName)
        .is_not_null()
        .or(is_of_service(Field::EventProvider))
        .or(is_of_service(Field::CloudServiceName))
        .or(is_of_cloudflare);
    let mut rows = LogicalPlanBuilder::from(scan).filter(matters)?;
    for condition in inside(window) {
        rows = rows.filter(condition)?;
    }
    Ok(rows.project(kept().map(|kept| column(kept.name())))?.build()?)
}

fn kept() -> impl Iterator<Item = Field> {
    Table::Cloud.fields().iter().copied().filter(|field| *field != Field::RecordOriginal)
}
