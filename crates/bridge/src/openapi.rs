//! `GET /api/openapi.json`: the app's api as OpenAPI 3.1, made of the handlers and the types that they speak.

use std::sync::LazyLock;

use axum::Json;
use qiyou_bridge_api::{BridgeError, BridgeEvent, DirectoryPart, NONCE, PROOF, Policy};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, Object, OpenApi, Ref, RefOr, Required, ResponseBuilder, Type};
use utoipa::{Modify, OpenApi as _};

/// The operation that asks for no proof: the document itself.
const OPEN: &str = "openapi";
/// The scheme of an operation that speaks for a session, by its access token.
const SESSION: &str = "session";

static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(Document::openapi);

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "qiyou-bridge",
        description = "What the app asks of the bridge. Whoever asks proves the key of their device (RFC 9449, DPoP) over \
                       the nonce of the last answer; the first, without one, is answered with 401, `use_nonce` and a nonce."
    ),
    paths(
        show,
        crate::signin::api::start,
        crate::signin::api::poll,
        crate::signin::api::cancel,
        crate::signin::api::redeem,
        crate::session::refresh,
        crate::session::show,
        crate::session::sign_out,
        crate::session::list,
        crate::session::revoke,
        crate::address::lookup::lookup,
        crate::address::code::mail,
        crate::address::code::redeem,
        crate::address::request::ask,
        crate::address::request::withdraw,
        crate::directory::serve::directory,
        crate::policy::policy,
        crate::policy::report,
        crate::netease::webmail,
        crate::push::serve::events,
        crate::remind::api::show,
        crate::remind::api::set,
        crate::remind::api::arrived,
        crate::remind::api::unread,
        crate::remind::api::card,
        crate::clients::allow,
    ),
    components(schemas(BridgeError, BridgeEvent, DirectoryPart, Policy)),
    modifiers(&Common)
)]
struct Document;

/// What holds for every operation.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_with(Components::new);
        let token = ApiKeyValue::with_description(
            "Authorization",
            "`DPoP` and the access token (RFC 9449 7.1); the proof holds the token's hash (`ath`).",
        );
        components.add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Header(token)));
        document
            .paths
            .paths
            .values_mut()
            .flat_map(operations)
            .for_each(complete);
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.patch,
    ]
    .into_iter()
    .flatten()
}

fn text() -> Object {
    Object::with_type(Type::String)
}

fn complete(operation: &mut Operation) {
    if operation.operation_id.as_deref() != Some(OPEN) {
        let proof = ParameterBuilder::new()
            .name(PROOF)
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some(
                "The proof of possession (RFC 9449 4.1), made for this method and address, used once.",
            ))
            .schema(Some(text()));
        operation.parameters.get_or_insert_default().push(proof.build());
        for (status, what) in [
            ("4XX", "Refused: `error` says why."),
            ("5XX", "The bridge or WeCom is in trouble."),
        ] {
            let body = ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("BridgeError")))
                .build();
            let response = ResponseBuilder::new()
                .description(what)
                .content("application/json", body);
            let all = &mut operation.responses.responses;
            all.entry(status.to_owned())
                .or_insert_with(|| RefOr::T(response.build()));
        }
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            let nonce = HeaderBuilder::new()
                .schema(text())
                .description(Some("The nonce for the next proof (RFC 9449 8)."));
            response.headers.insert(NONCE.to_owned(), nonce.build());
        }
    }
}

/// `GET /api/openapi.json`. No secret stands in it: it is for everybody.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "openapi",
    responses((status = 200, description = "This document.", body = Object))
)]
pub async fn show() -> Json<&'static OpenApi> {
    Json(&DOCUMENT)
}

#[cfg(test)]
mod tests;
