//! The routes of the app's api, in one table: the router and the document of them ([`crate::openapi`]) are compared by it.

use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, post, put};

use super::Bridge;
use crate::remind::api as remind;
use crate::{address, clients, directory, netease, openapi, policy, push, session, signin};

/// A row each: method, pattern below `/api`, who answers.
macro_rules! table {
    ($($method:ident $path:literal => $answers:path;)+) => {
        /// Each method and pattern.
        #[cfg(test)]
        pub const API: &[(&str, &str)] = &[$((stringify!($method), concat!("/api", $path))),+];

        /// The routes, without their `/api`.
        pub fn api() -> Router<Arc<Bridge>> {
            Router::new()$(.route($path, $method($answers)))+
        }
    };
}

table! {
    get "/openapi.json" => openapi::show;
    post "/signin" => signin::api::start;
    get "/signin/{id}" => signin::api::poll;
    delete "/signin/{id}" => signin::api::cancel;
    post "/signin/{id}/redeem" => signin::api::redeem;
    post "/session/refresh" => session::refresh;
    get "/session" => session::show;
    delete "/session" => session::sign_out;
    get "/sessions" => session::list;
    delete "/sessions/{id}" => session::revoke;
    post "/address/lookup" => address::lookup::lookup;
    post "/address/code" => address::code::mail;
    post "/address/code/redeem" => address::code::redeem;
    post "/address/request" => address::request::ask;
    delete "/address/request" => address::request::withdraw;
    get "/directory" => directory::serve::directory;
    get "/events" => push::serve::events;
    get "/reminders" => remind::show;
    put "/reminders" => remind::set;
    post "/reminders/arrived" => remind::arrived;
    post "/reminders/unread" => remind::unread;
    get "/cards/{id}" => remind::card;
    get "/policy" => policy::policy;
    post "/session/report" => policy::report;
    post "/webmail" => netease::webmail;
    post "/clients" => clients::allow;
}
