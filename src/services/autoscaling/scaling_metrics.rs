//! What a scaling policy looks at, in the shape of the `CloudFormation` schema.

use aws_sdk_autoscaling::types::{
    CustomizedMetricSpecification, Metric, MetricDataQuery, MetricDimension, MetricStat, MetricStatistic, MetricType,
    PredefinedLoadMetricType, PredefinedMetricPairType, PredefinedMetricSpecification, PredefinedScalingMetricType,
    PredictiveScalingConfiguration, PredictiveScalingMaxCapacityBreachBehavior, PredictiveScalingMetricSpecification,
    PredictiveScalingMode, TargetTrackingConfiguration, TargetTrackingMetricDataQuery, TargetTrackingMetricStat,
};

use crate::catalog::{Props, each};

pub(super) fn target_tracking(tracking: &TargetTrackingConfiguration) -> Props {
    Props::new()
        .with("CustomizedMetricSpecification", tracking.customized_metric_specification().map(customized))
        .with("DisableScaleIn", tracking.disable_scale_in())
        .with("PredefinedMetricSpecification", tracking.predefined_metric_specification().map(predefined))
        .with("TargetValue", tracking.target_value())
}

fn predefined(metric: &PredefinedMetricSpecification) -> Props {
    labelled(metric.predefined_metric_type().map(MetricType::as_str), metric.resource_label())
}

fn labelled(metric: Option<&str>, label: Option<&str>) -> Props {
    Props::new().with("PredefinedMetricType", metric).with("ResourceLabel", label)
}

fn customized(metric: &CustomizedMetricSpecification) -> Props {
    Props::new()
        .with("Dimensions", each(metric.dimensions(), dimension))
        .with("MetricName", metric.metric_name())
        .with("Metrics", each(metric.metrics(), tracking_query))
        .with("Namespace", metric.namespace())
        .with("Period", metric.period())
        .with("Statistic", metric.statistic().map(MetricStatistic::as_str))
        .with("Unit", metric.unit())
}

fn dimension(dimension: &MetricDimension) -> Props {
    Props::new().with("Name", dimension.name()).with("Value", dimension.value())
}

fn metric(metric: &Metric) -> Props {
    Props::new()
        .with("Dimensions", each(metric.dimensions(), dimension))
        .with("MetricName", metric.metric_name())
        .with("Namespace", metric.namespace())
}

fn tracking_query(query: &TargetTrackingMetricDataQuery) -> Props {
    Props::new()
        .with("Expression", query.expression())
        .with("Id", query.id())
        .with("Label", query.label())
        .with("MetricStat", query.metric_stat().map(tracking_stat))
        .with("Period", query.period())
        .with("ReturnData", query.return_data())
}

fn tracking_stat(stat: &TargetTrackingMetricStat) -> Props {
    Props::new()
        .with("Metric", stat.metric().map(metric))
        .with("Period", stat.period())
        .with("Stat", stat.stat())
        .with("Unit", stat.unit())
}

pub(super) fn predictive(predictive: &PredictiveScalingConfiguration) -> Props {
    let behavior = predictive.max_capacity_breach_behavior();
    Props::new()
        .with("MaxCapacityBreachBehavior", behavior.map(PredictiveScalingMaxCapacityBreachBehavior::as_str))
        .with("MaxCapacityBuffer", predictive.max_capacity_buffer())
        .with("MetricSpecifications", each(predictive.metric_specifications(), specification))
        .with("Mode", predictive.mode().map(PredictiveScalingMode::as_str))
        .with("SchedulingBufferTime", predictive.scheduling_buffer_time())
}

fn specification(metrics: &PredictiveScalingMetricSpecification) -> Props {
    let capacity = metrics
        .customized_capacity_metric_specification()
        .map(aws_sdk_autoscaling::types::PredictiveScalingCustomizedCapacityMetric::metric_data_queries);
    let load = metrics
        .customized_load_metric_specification()
        .map(aws_sdk_autoscaling::types::PredictiveScalingCustomizedLoadMetric::metric_data_queries);
    let scaling = metrics
        .customized_scaling_metric_specification()
        .map(aws_sdk_autoscaling::types::PredictiveScalingCustomizedScalingMetric::metric_data_queries);
    let predefined_load = metrics.predefined_load_metric_specification().map(|metric| {
        labelled(metric.predefined_metric_type().map(PredefinedLoadMetricType::as_str), metric.resource_label())
    });
    let pair = metrics.predefined_metric_pair_specification().map(|metric| {
        labelled(metric.predefined_metric_type().map(PredefinedMetricPairType::as_str), metric.resource_label())
    });
    let predefined_scaling = metrics.predefined_scaling_metric_specification().map(|metric| {
        labelled(metric.predefined_metric_type().map(PredefinedScalingMetricType::as_str), metric.resource_label())
    });
    Props::new()
        .with("CustomizedCapacityMetricSpecification", capacity.map(queries))
        .with("CustomizedLoadMetricSpecification", load.map(queries))
        .with("CustomizedScalingMetricSpecification", scaling.map(queries))
        .with("PredefinedLoadMetricSpecification", predefined_load)
        .with("PredefinedMetricPairSpecification", pair)
        .with("PredefinedScalingMetricSpecification", predefined_scaling)
        .with("TargetValue", metrics.target_value())
}

fn queries(queries: &[MetricDataQuery]) -> Props {
    Props::new().with("MetricDataQueries", each(queries, query))
}

fn query(query: &MetricDataQuery) -> Props {
    Props::new()
        .with("Expression", query.expression())
        .with("Id", query.id())
        .with("Label", query.label())
        .with("MetricStat", query.metric_stat().map(stat))
        .with("ReturnData", query.return_data())
}

fn stat(stat: &MetricStat) -> Props {
    Props::new().with("Metric", stat.metric().map(metric)).with("Stat", stat.stat()).with("Unit", stat.unit())
}
