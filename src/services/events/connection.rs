//! Connections: how `EventBridge` authorizes itself to foreign APIs.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::operation::describe_connection::DescribeConnectionOutput;
use aws_sdk_eventbridge::types::{
    Connection, ConnectionApiKeyAuthResponseParameters, ConnectionAuthResponseParameters, ConnectionAuthorizationType,
    ConnectionBasicAuthResponseParameters, ConnectionBodyParameter, ConnectionHeaderParameter,
    ConnectionHttpParameters, ConnectionOAuthClientResponseParameters, ConnectionOAuthHttpMethod,
    ConnectionOAuthResponseParameters, ConnectionQueryStringParameter, ConnectionState,
    DescribeConnectionConnectivityParameters, DescribeConnectionResourceParameters,
};

use super::GONE;
use crate::aws::{Absent, Call, CallError, Cx, Hands};
use crate::catalog::{
    Created, Delete, Draft, LeftOut, Listed, Progress, Props, Recipe, Scope, TypeSpec, Unmapped, each,
};
use crate::model::Step;

/// `AWS::Events::Connection`.
///
/// AWS answers neither passwords nor keys. Headers, query and body parameters come with their values unless they are
/// marked as secret, and are masked all the same.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Events::Connection",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreationTime"),
    sets: &[
        "AuthParameters.InvocationHttpParameters.BodyParameters",
        "AuthParameters.InvocationHttpParameters.HeaderParameters",
        "AuthParameters.InvocationHttpParameters.QueryStringParameters",
        "AuthParameters.OAuthParameters.OAuthHttpParameters.BodyParameters",
        "AuthParameters.OAuthParameters.OAuthHttpParameters.HeaderParameters",
        "AuthParameters.OAuthParameters.OAuthHttpParameters.QueryStringParameters",
    ],
    secrets: &[
        "AuthParameters.InvocationHttpParameters.*.*.Value",
        "AuthParameters.OAuthParameters.OAuthHttpParameters.*.*.Value",
    ],
    left_out: &[
        LeftOut { path: "ListConnections:Connections[].AuthorizationType", why: "as in DescribeConnection" },
        LeftOut { path: "ListConnections:Connections[].ConnectionArn", why: "as in DescribeConnection" },
        LeftOut { path: "ListConnections:Connections[].CreationTime", why: "as in DescribeConnection" },
        LeftOut { path: "ListConnections:Connections[].LastAuthorizedTime", why: "as in DescribeConnection" },
        LeftOut { path: "ListConnections:Connections[].LastModifiedTime", why: "as in DescribeConnection" },
        LeftOut { path: "ListConnections:Connections[].StateReason", why: "as in DescribeConnection" },
        LeftOut {
            path: "AuthParameters.ConnectivityParameters.ResourceParameters.ResourceAssociationArn",
            why: "made by AWS",
        },
        LeftOut {
            path: "InvocationConnectivityParameters.ResourceParameters.ResourceAssociationArn",
            why: "made by AWS",
        },
        LeftOut { path: "DescribeConnection:Name", why: "repeats the request" },
    ],
    unmapped: &[
        Unmapped { path: "AuthParameters.ApiKeyAuthParameters.ApiKeyValue", why: "a secret, never answered" },
        Unmapped { path: "AuthParameters.BasicAuthParameters.Password", why: "a secret, never answered" },
        Unmapped {
            path: "AuthParameters.OAuthParameters.ClientParameters.ClientSecret",
            why: "a secret, never answered",
        },
    ],
    edges: &[],
    read_actions: &["events:ListConnections", "events:DescribeConnection"],
    delete: Delete::Call(Recipe {
        operation: "DeleteConnection",
        actions: &["events:DeleteConnection"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 4,
        // The credentials go with it, and nobody can read them before.
        holds_data: true,
        reversible: None,
    }),
};

async fn list(cx: &Cx) -> Listed {
    let events: Client = cx.client();
    let connections = connections(&events).await?.into_iter();
    let alive = connections.filter(|connection| connection.connection_state() != Some(&ConnectionState::Deleting));
    let names = alive.filter_map(|connection| connection.name).filter(|name| cx.wants(name));
    cx.each(names.collect(), |name| describe(&events, name)).await
}

/// The SDK has no paginators for this service.
async fn connections(events: &Client) -> Result<Vec<Connection>, CallError> {
    let mut connections = Vec::new();
    let mut token = None;
    loop {
        let page = events.list_connections().limit(100).set_next_token(token).send().await;
        let page = page.at("events:ListConnections")?;
        connections.extend(page.connections.unwrap_or_default());
        token = page.next_token;
        if token.is_none() {
            return Ok(connections);
        }
    }
}

async fn describe(events: &Client, name: String) -> Result<Option<Draft>, CallError> {
    let answer = events.describe_connection().name(&name).send().await;
    let answer = answer.at("events:DescribeConnection").absent_if(GONE)?;
    Ok(answer.map(|connection| map(&name, &connection)))
}

fn map(name: &str, connection: &DescribeConnectionOutput) -> Draft {
    let kind = connection.authorization_type().map(ConnectionAuthorizationType::as_str);
    Draft::new(name)
        .arn(connection.connection_arn())
        .name(name)
        .created(connection.creation_time())
        .with("AuthParameters", connection.auth_parameters().map(auth))
        .with("AuthorizationType", kind)
        .with("Description", connection.description())
        .with("InvocationConnectivityParameters", connection.invocation_connectivity_parameters().map(connectivity))
        .with("KmsKeyIdentifier", connection.kms_key_identifier())
        .with("Name", name)
        .observed("ConnectionState", connection.connection_state().map(ConnectionState::as_str))
        .observed("LastAuthorizedTime", connection.last_authorized_time())
        .observed("LastModifiedTime", connection.last_modified_time())
        .observed("SecretArn", connection.secret_arn())
        .observed("StateReason", connection.state_reason())
}

fn auth(auth: &ConnectionAuthResponseParameters) -> Props {
    let key = |key: &ConnectionApiKeyAuthResponseParameters| Props::new().with("ApiKeyName", key.api_key_name());
    let basic = |basic: &ConnectionBasicAuthResponseParameters| Props::new().with("Username", basic.username());
    Props::new()
        .with("ApiKeyAuthParameters", auth.api_key_auth_parameters().map(key))
        .with("BasicAuthParameters", auth.basic_auth_parameters().map(basic))
        .with("ConnectivityParameters", auth.connectivity_parameters().map(connectivity))
        .with("InvocationHttpParameters", auth.invocation_http_parameters().map(http))
        .with("OAuthParameters", auth.o_auth_parameters().map(oauth))
}

fn oauth(oauth: &ConnectionOAuthResponseParameters) -> Props {
    let client = |client: &ConnectionOAuthClientResponseParameters| Props::new().with("ClientID", client.client_id());
    Props::new()
        .with("AuthorizationEndpoint", oauth.authorization_endpoint())
        .with("ClientParameters", oauth.client_parameters().map(client))
        .with("HttpMethod", oauth.http_method().map(ConnectionOAuthHttpMethod::as_str))
        .with("OAuthHttpParameters", oauth.o_auth_http_parameters().map(http))
}

fn http(parameters: &ConnectionHttpParameters) -> Props {
    let one = |key: Option<&str>, value: Option<&str>, secret: bool| {
        Props::new().with("IsValueSecret", secret).with("Key", key).with("Value", value)
    };
    let body = |p: &ConnectionBodyParameter| one(p.key(), p.value(), p.is_value_secret());
    let header = |p: &ConnectionHeaderParameter| one(p.key(), p.value(), p.is_value_secret());
    let query = |p: &ConnectionQueryStringParameter| one(p.key(), p.value(), p.is_value_secret());
    Props::new()
        .with("BodyParameters", each(parameters.body_parameters(), body))
        .with("HeaderParameters", each(parameters.header_parameters(), header))
        .with("QueryStringParameters", each(parameters.query_string_parameters(), query))
}

fn connectivity(parameters: &DescribeConnectionConnectivityParameters) -> Props {
    let resource = |resource: &DescribeConnectionResourceParameters| {
        Props::new().with("ResourceConfigurationArn", resource.resource_configuration_arn())
    };
    Props::new().with("ResourceParameters", parameters.resource_parameters().map(resource))
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let events: Client = hands.client();
    let look = events.describe_connection().name(hands.id()).send();
    let Some(connection) = hands.look("events:DescribeConnection", look).await? else { return Ok(Progress::Done) };
    if connection.connection_state() != Some(&ConnectionState::Deleting) {
        let deleted = hands.call(step, events.delete_connection().name(hands.id()).send()).await?;
        if deleted.is_none() {
            return Ok(Progress::Done);
        }
    }
    Ok(Progress::Waiting("the connection is being deleted".to_owned()))
}
