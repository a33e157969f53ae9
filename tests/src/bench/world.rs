//! What the measurements are made in: a session, an agent, accounts by the api.

use anyhow::{Context as _, Result};
use qiyou_api::{
    Account, AccountSettings, AccountState, AddParams, Client, Credential, CredentialKind, Event, ListParams, Nothing,
    Page, Security, ServerSettings, call,
};
use qiyou_testkit::desktop::{NotificationRecorder, Session};
use tokio::sync::mpsc;

use crate::house::{House, wait_for};

pub(super) const USER: &str = "zhangsan@localhost";
pub(super) const PASSWORD: &str = "geheim";

/// An agent in a desktop session of its own. Fields end in this order.
pub(super) struct World {
    pub(super) client: Client,
    pub(super) events: mpsc::Receiver<(u64, Event)>,
    pub(super) house: House,
    pub(super) bubbles: NotificationRecorder,
    _session: Session,
}

impl World {
    /// Starts all; nothing is fetched in the background unless `months` says so.
    pub(super) async fn start(environment: &[(&str, String)], months: u32) -> Result<Self> {
        let session = Session::start().await?;
        let bubbles = NotificationRecorder::start(session.bus()).await?;
        let mut all = session.environment().clone();
        all.extend(
            environment
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone())),
        );
        let house = House::start(all).await?;
        let (client, events) = house.client().await?;
        let mut settings = client.call(call::SettingsGet, Nothing {}).await?;
        settings.prefetch_months = months;
        client.call(call::SettingsSet, settings).await?;
        Ok(Self {
            client,
            events,
            house,
            bubbles,
            _session: session,
        })
    }

    /// Adds an account; returns when the agent has tested it.
    pub(super) async fn add(
        &self,
        address: &str,
        password: &str,
        security: Security,
        imap: u16,
        smtp: u16,
    ) -> Result<Account> {
        let server = |port| ServerSettings {
            host: "127.0.0.1".to_owned(),
            port,
            security,
            user: address.to_owned(),
        };
        let params = AddParams {
            address: address.to_owned(),
            name: String::new(),
            color: None,
            settings: AccountSettings {
                provider: "custom".to_owned(),
                imap: server(imap),
                smtp: server(smtp),
                credential: CredentialKind::Password,
            },
            credential: Credential::Password {
                secret: password.to_owned().into(),
            },
            even_offline: false,
        };
        self.client
            .call(call::AccountsAdd, params)
            .await
            .context("add an account")
    }

    /// Waits until the account is signed in, and its folders were looked at.
    pub(super) async fn settled(&mut self, account: &Account) -> Result<()> {
        let id = account.id;
        let now = self.client.call(call::AccountsList, Nothing {}).await?;
        let is_connected =
            |account: &Account| account.id == id && matches!(account.state, AccountState::Connected { .. });
        if !now.iter().any(is_connected) {
            wait_for(&mut self.events, "the sign-in", |event| match event {
                Event::AccountChanged { account } if is_connected(account) => Some(()),
                _ => None,
            })
            .await?;
        }
        self.client
            .call(
                call::Sync,
                qiyou_api::SyncParams {
                    account: Some(id),
                    wait: true,
                },
            )
            .await?;
        Ok(())
    }

    /// A window of a folder's list.
    pub(super) async fn list(&self, folder: i64, limit: u32) -> Result<Page> {
        let params = ListParams {
            scope: qiyou_api::Scope::Folder { folder },
            filter: qiyou_api::Filter::All,
            sort: qiyou_api::Sort::default(),
            offset: 0,
            limit,
        };
        Ok(self.client.call(call::MailList, params).await?)
    }

    /// Process id of the agent.
    pub(super) fn pid(&self) -> Result<u32> {
        self.house.agent_pid().context("the agent has ended")
    }

    /// Reads away the events that have come, so that the agent never waits for us.
    pub(super) fn drain(&mut self) {
        while self.events.try_recv().is_ok() {}
    }
}
