//! What of a distribution is not kept: the list holds less than the configuration, and each list its length.

use crate::catalog::LeftOut;

/// For the spec of distributions.
pub(super) const LEFT_OUT: &[LeftOut] = &[
    LeftOut { path: "ListDistributions:DistributionList.*", why: "the configuration says it" },
    LeftOut { path: "GetDistributionConfig:ETag", why: "names a version" },
    LeftOut { path: "DistributionConfig.CallerReference", why: "names a request" },
    LeftOut { path: "DistributionConfig.ViewerCertificate.Certificate", why: "an old spelling of the others" },
    LeftOut { path: "DistributionConfig.ViewerCertificate.CertificateSource", why: "an old spelling of the others" },
    LeftOut { path: "DistributionConfig.Aliases.Quantity", why: "the number of the elements" },
    LeftOut {
        path: "DistributionConfig.CacheBehaviors.Items[].AllowedMethods.CachedMethods.Quantity",
        why: "the number of the elements",
    },
    LeftOut {
        path: "DistributionConfig.CacheBehaviors.Items[].AllowedMethods.Quantity",
        why: "the number of the elements",
    },
    LeftOut {
        path: "DistributionConfig.CacheBehaviors.Items[].ForwardedValues.Cookies.WhitelistedNames.Quantity",
        why: "the number of the elements",
    },
    LeftOut {
        path: "DistributionConfig.CacheBehaviors.Items[].ForwardedValues.Headers.Quantity",
        why: "the number of the elements",
    },
    LeftOut {
        path: "DistributionConfig.CacheBehaviors.Items[].ForwardedValues.QueryStringCacheKeys.Quantity",
        why: "the number of the elements",
    },
    LeftOut {
        path: "DistributionConfig.CacheBehaviors.Items[].FunctionAssociations.Quantity",
        why: "the number of the elements",
    },
    LeftOut {
        path: "DistributionConfig.CacheBehaviors.Items[].LambdaFunctionAssociations.Quantity",
        why: "the number of the elements",
    },
    LeftOut {
        path: "DistributionConfig.CacheBehaviors.Items[].TrustedKeyGroups.Enabled",
        why: "there are some, or none",
    },
    LeftOut {
        path: "DistributionConfig.CacheBehaviors.Items[].TrustedKeyGroups.Quantity",
        why: "the number of the elements",
    },
    LeftOut {
        path: "DistributionConfig.CacheBehaviors.Items[].TrustedSigners.Enabled",
        why: "there are some, or none",
    },
    LeftOut {
        path: "DistributionConfig.CacheBehaviors.Items[].TrustedSigners.Quantity",
        why: "the number of the elements",
    },
    LeftOut { path: "DistributionConfig.CacheBehaviors.Quantity", why: "the number of the elements" },
    LeftOut { path: "DistributionConfig.CustomErrorResponses.Quantity", why: "the number of the elements" },
    LeftOut {
        path: "DistributionConfig.DefaultCacheBehavior.AllowedMethods.CachedMethods.Quantity",
        why: "the number of the elements",
    },
    LeftOut {
        path: "DistributionConfig.DefaultCacheBehavior.AllowedMethods.Quantity",
        why: "the number of the elements",
    },
    LeftOut {
        path: "DistributionConfig.DefaultCacheBehavior.ForwardedValues.Cookies.WhitelistedNames.Quantity",
        why: "the number of the elements",
    },
    LeftOut {
        path: "DistributionConfig.DefaultCacheBehavior.ForwardedValues.Headers.Quantity",
        why: "the number of the elements",
    },
    LeftOut {
        path: "DistributionConfig.DefaultCacheBehavior.ForwardedValues.QueryStringCacheKeys.Quantity",
        why: "the number of the elements",
    },
    LeftOut {
        path: "DistributionConfig.DefaultCacheBehavior.FunctionAssociations.Quantity",
        why: "the number of the elements",
    },
    LeftOut {
        path: "DistributionConfig.DefaultCacheBehavior.LambdaFunctionAssociations.Quantity",
        why: "the number of the elements",
    },
    LeftOut {
        path: "DistributionConfig.DefaultCacheBehavior.TrustedKeyGroups.Enabled",
        why: "there are some, or none",
    },
    LeftOut {
        path: "DistributionConfig.DefaultCacheBehavior.TrustedKeyGroups.Quantity",
        why: "the number of the elements",
    },
    LeftOut { path: "DistributionConfig.DefaultCacheBehavior.TrustedSigners.Enabled", why: "there are some, or none" },
    LeftOut {
        path: "DistributionConfig.DefaultCacheBehavior.TrustedSigners.Quantity",
        why: "the number of the elements",
    },
    LeftOut { path: "DistributionConfig.Origins.Items[].CustomHeaders.Quantity", why: "the number of the elements" },
    LeftOut {
        path: "DistributionConfig.Origins.Items[].CustomOriginConfig.OriginSslProtocols.Quantity",
        why: "the number of the elements",
    },
    LeftOut { path: "DistributionConfig.Origins.Quantity", why: "the number of the elements" },
    LeftOut { path: "DistributionConfig.Restrictions.GeoRestriction.Quantity", why: "the number of the elements" },
];
