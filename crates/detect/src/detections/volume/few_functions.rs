//! # Goal
//!
//! Find programs, or hosts where the program is not known, all of whose traffic with a platform goes to
//! one path or two of one rare tenant.
//!
//! # Categorisation
//!
//! T1071.001 (web protocols) over T1583.007.
//!
//! # Strategy
//!
//! Take the requests of a host, and of a process where it is known, to all tenants of a platform. It is
//! told where all of them go to one tenant, on at most `few_functions_most_paths` paths, at least
//! `few_functions_minimum_requests` times over six hours or longer, and where the tenant is rare by
//! `rare_share`.
//!
//! # Technical context
//!
//! A site has pages, scripts and pictures, and an application has many calls. A channel has one address
//! to ask and perhaps one to answer. Web hooks and agents are as narrow, which is why the tenant has to
//! be rare.
//!
//! # Blind spots
//!
//! Proxies that do not look into TLS see no paths. Paths that are made up for each request.
//!
//! # False positives
//!
//! An agent or a web hook that a single host uses.
//!
//! # Validation
//!
//! `crates/pipeline/tests/detections_volume.rs`: one path again and again, and many paths of one
//! tenant.
//!
//! # Priority
//!
//! Up to 2 points of context.
//!
//! # Response
//!
//! Replay nothing: ask the owner of the tenant, and compare sizes and times of the requests.

use arrow_schema::DataType;
use coldtrail_engine::EngineError;
use coldtrail_engine::plan::{
    Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, WindowFunction,
    WindowFunctionDefinition, array_length, cast, column, lit, sum_udaf, with_windows,
};
use coldtrail_model::{Axis, Conversation, Rhythm};

use crate::detections::names::rare_tenant::{few_hosts, most_hosts};
use crate::detections::with_count;
use crate::{Baseline, Detection, Settings, Views};

/// Six hours in microseconds: what is over sooner was one task.
const LEAST_TIME: i64 = 21_600_000_000;

/// All requests of a program to a platform go to one path.
pub(crate) struct FewFunctions;

impl Detection for FewFunctions {
    fn id(&self) -> &'static str {
        "volume.few_functions"
    }

    fn title(&self) -> &'static str {
        "few functions"
    }

    fn attack(&self) -> &'static [&'static str] {
        &["T1583.007", "T1071.001"]
    }

    fn source(&self) -> &'static str {
        include_str!("few_functions.rs")
    }

    fn axis(&self) -> Axis {
        Axis::Context
    }

    fn weight(&self) -> u8 {
        2
    }

    fn settings(&self) -> &'static [&'static str] {
        &["few_functions_minimum_requests", "few_functions_most_paths", "rare_share"]
    }

    fn missing(&self, baseline: &Baseline, settings: &Settings) -> Option<String> {
        few_hosts(baseline, settings)
    }

    fn plan(
        &self,
        views: &Views,
        baseline: &Baseline,
        settings: &Settings,
    ) -> Result<LogicalPlan, EngineError> {
        let few = most_hosts(settings.rare_share, baseline);
        let least = i64::from(settings.few_functions_minimum_requests);
        let most = i64::from(settings.few_functions_most_paths);
        let number = |expression| cast(expression, DataType::Int64);
        let paths = number(array_length(column("paths")));
        let lasts = number(column("last_seen")) - number(column("first_seen"));
        let plan =
            LogicalPlanBuilder::from(with_requests_to_platform(views.conversations.clone())?)
                .filter(column("endpoint_reach").eq(lit("tenant")))?
                .filter(column("tenant_hosts").lt_eq(lit(few)))?
                .filter(column("requests").gt_eq(lit(least)))?
                .filter(column("requests").eq(column("requests_to_platform")))?
                .filter(paths.between(lit(1_i64), lit(most)))?
                .filter(lasts.gt_eq(lit(LEAST_TIME)))?;
        with_count(plan, column("requests"), lit(1.0))
    }

    fn summary(&self, conversation: &Conversation, _rhythm: Option<&Rhythm>) -> String {
        format!(
            "{} requests to {} for the same path or two, and to nothing else on {}",
            conversation.counted.unwrap_or_default(),
            conversation.endpoint.host,
            conversation.endpoint.product
        )
    }
}

fn with_requests_to_platform(conversations: LogicalPlan) -> Result<LogicalPlan, EngineError> {
    let keys = ["host", "process_name", "endpoint_provider", "endpoint_platform"].map(column);
    let function = WindowFunctionDefinition::AggregateUDF(sum_udaf());
    let requests = Expr::from(WindowFunction::new(function, vec![column("requests")]))
        .partition_by(keys.to_vec())
        .build()?;
    with_windows(conversations, vec![(requests, "requests_to_platform")])
}
