//! Databases of the Data Catalog.

use aws_sdk_glue::Client;
use aws_sdk_glue::types::{
    DataLakePrincipal, Database, DatabaseIdentifier, FederatedDatabase, Permission, PrincipalPermissions,
};

use crate::aws::{Call, CallError, Cx, ErrorClass, Hands, gone_with};
use crate::catalog::{Created, Delete, Draft, Listed, Progress, Props, Recipe, Scope, TypeSpec, each};
use crate::model::Step;

/// `AWS::Glue::Database`.
///
/// The schema has no place for `connectionType`, the kind of catalog that a federated database stands for.
pub const SPEC: TypeSpec = TypeSpec {
    name: "AWS::Glue::Database",
    scope: Scope::Regional,
    list: |cx| Box::pin(list(cx)),
    created: Created::Field("CreateTime"),
    sets: &["DatabaseInput.CreateTableDefaultPermissions", "DatabaseInput.CreateTableDefaultPermissions.*.Permissions"],
    secrets: &[],
    left_out: &[],
    unmapped: &[],
    edges: &[],
    read_actions: &["glue:GetDatabases", "glue:GetTags"],
    delete: Delete::Call(Recipe {
        operation: "DeleteDatabase",
        actions: &["glue:DeleteDatabase"],
        gone: GONE,
        steps: None,
        run: |hands, step| Box::pin(run(hands, step)),
        protection: None,
        rank: 3,
        // Its tables go with it. The files that they describe stay.
        holds_data: true,
        reversible: None,
    }),
};

/// How Glue says that a database was deleted since it was listed.
const GONE: &[&str] = &["EntityNotFoundException"];

async fn list(cx: &Cx) -> Listed {
    let glue: Client = cx.client();
    let pages = glue.get_databases().max_results(100).into_paginator().send();
    let pages: Vec<_> = pages.try_collect().await.at("glue:GetDatabases")?;
    let wanted = pages.into_iter().flat_map(|page| page.database_list).filter(|database| cx.wants(database.name()));
    cx.each(wanted.collect(), |database| {
        let glue = &glue;
        async move { gone_with(describe(cx, glue, &database).await, GONE, listed(glue, &database)).await }
    })
    .await
}

/// Whether the database is still there. Asking for all of them needs no permission beyond those for listing.
async fn listed(glue: &Client, database: &Database) -> Result<(), CallError> {
    let pages = glue.get_databases().max_results(100).into_paginator().send();
    let pages: Vec<_> = pages.try_collect().await.at("glue:GetDatabases")?;
    let there = pages
        .iter()
        .flat_map(aws_sdk_glue::operation::get_databases::GetDatabasesOutput::database_list)
        .any(|other| other.name() == database.name());
    let gone = || CallError::new(ErrorClass::Gone, "EntityNotFoundException", "no longer listed", "glue:GetDatabases");
    there.then_some(()).ok_or_else(gone)
}

async fn describe(cx: &Cx, glue: &Client, database: &Database) -> Result<Draft, CallError> {
    let arn = cx.arn("glue", &format!("database/{}", database.name()));
    let tags = glue.get_tags().resource_arn(&arn).send().await.at("glue:GetTags");
    map(&arn, database).sub_tags(tags.map(|answer| answer.tags.unwrap_or_default()))
}

fn map(arn: &str, database: &Database) -> Draft {
    let name = database.name();
    let federated = database.federated_database();
    Draft::new(name)
        .arn(arn)
        .name(name)
        .created(database.create_time())
        .with("CatalogId", database.catalog_id())
        .with("DatabaseInput", input(database))
        .with("DatabaseName", name)
        .with("connectionType", federated.and_then(FederatedDatabase::connection_type))
        .aws_made(name == "default", "the catalog's default database")
}

fn input(database: &Database) -> Props {
    let permissions = |permissions: &PrincipalPermissions| {
        let granted: Vec<&str> = permissions.permissions().iter().map(Permission::as_str).collect();
        let id = permissions.principal().and_then(DataLakePrincipal::data_lake_principal_identifier);
        let principal = id.map(|id| Props::new().with("DataLakePrincipalIdentifier", id));
        Props::new().with("Permissions", granted).with("Principal", principal)
    };
    let federated = |federated: &FederatedDatabase| {
        Props::new().with("ConnectionName", federated.connection_name()).with("Identifier", federated.identifier())
    };
    let target = |target: &DatabaseIdentifier| {
        Props::new()
            .with("CatalogId", target.catalog_id())
            .with("DatabaseName", target.database_name())
            .with("Region", target.region())
    };
    Props::new()
        .with("CreateTableDefaultPermissions", each(database.create_table_default_permissions(), permissions))
        .with("Description", database.description())
        .with("FederatedDatabase", database.federated_database().map(federated))
        .with("LocationUri", database.location_uri())
        .with("Name", database.name())
        .with("Parameters", database.parameters())
        .with("TargetDatabase", database.target_database().map(target))
}

async fn run(hands: &Hands, step: &Step) -> Result<Progress, CallError> {
    let glue: Client = hands.client();
    hands.call(step, glue.delete_database().name(hands.id()).send()).await?;
    Ok(Progress::Done)
}
