//! The api's server: clients of this user, their requests, and the events they asked for.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use qiyou_api::{
    ApiError, Doctor, ErrorCode, Event, Finding, Hello, Level, Listener, MAX_FRAME, Nothing, PeerStream, Request,
    RequestFrame, ServerFrame, Status,
};
use qiyou_engine::Engine;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::{broadcast, mpsc};
use tokio_util::codec::{Framed, LinesCodec};

use crate::desk::Order;
use crate::run::Core;

/// Clients at once. A desktop has a handful; more is somebody's mistake.
const MOST_CLIENTS: usize = 64;
/// How long a client may take to introduce itself.
const HELLO: Duration = Duration::from_secs(5);

/// Serves until the task is aborted.
pub(crate) async fn serve(core: Arc<Core>, mut listener: Listener) {
    let places = Arc::new(tokio::sync::Semaphore::new(MOST_CLIENTS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok(stream) => {
                let core = Arc::clone(&core);
                tokio::spawn(async move {
                    client(core, stream).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a client could not be accepted");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

/// Counts a window as long as it is connected.
struct Window(Arc<Core>);

impl Drop for Window {
    fn drop(&mut self) {
        self.0.windows.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn client(core: Arc<Core>, stream: Box<dyn PeerStream>) {
    let mut lines = Framed::new(stream, LinesCodec::new_with_max_length(MAX_FRAME));
    let Ok(Some(Ok(first))) = tokio::time::timeout(HELLO, lines.next()).await else {
        return;
    };
    let Ok(theirs) = serde_json::from_str::<Hello>(&first) else {
        return;
    };
    if theirs.hello != "qiyou" {
        return;
    }
    let Ok(ours) = serde_json::to_string(&Hello::new("agent")) else {
        return;
    };
    if lines.send(ours).await.is_err() {
        return;
    }
    let _window = (theirs.role == "window").then(|| {
        core.windows.fetch_add(1, Ordering::Relaxed);
        Window(Arc::clone(&core))
    });
    let (out, mut outgoing) = mpsc::channel::<String>(256);
    let mut subscribed = false;
    loop {
        tokio::select! {
            line = lines.next() => {
                let Some(Ok(line)) = line else { return };
                let Ok(frame) = serde_json::from_str::<RequestFrame>(&line) else { continue };
                let core = Arc::clone(&core);
                let out = out.clone();
                if frame.method == "subscribe" && !std::mem::replace(&mut subscribed, true) {
                    let session = theirs.role == "session";
                    tokio::spawn(events(Arc::clone(&core), session, out.clone()));
                }
                tokio::spawn(async move {
                    let answer = match Request::decode(&frame.method, &frame.params) {
                        Ok(request) => answer(&core, request).await,
                        Err(error) => Err(error),
                    };
                    let frame = match answer {
                        Ok(ok) => ServerFrame { id: Some(frame.id), ok: Some(ok), ..ServerFrame::default() },
                        Err(err) => ServerFrame { id: Some(frame.id), err: Some(err), ..ServerFrame::default() },
                    };
                    if let Ok(line) = serde_json::to_string(&frame) {
                        let _ = out.send(line).await;
                    }
                });
            }
            line = outgoing.recv() => {
                let Some(line) = line else { return };
                if lines.send(line).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Sends events to one client until it is gone. Waits for an engine that is not up yet.
async fn events(core: Arc<Core>, session: bool, out: mpsc::Sender<String>) {
    let engine = loop {
        if let Ok(engine) = core.engine_soon().await {
            break engine;
        }
        if out.is_closed() {
            return;
        }
        // The store is in trouble; a client that waits for events waits on.
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    let mut events = engine.subscribe();
    // What happened before the engine was up is asked for anew.
    let mut next = Some((core.clock.monotonic(), Event::Overflow));
    loop {
        let (at, event) = if let Some(event) = next.take() {
            event
        } else {
            tokio::select! {
                event = events.recv() => match event {
                    Ok(event) => (event.0, event.1.clone()),
                    Err(broadcast::error::RecvError::Lagged(_)) => (core.clock.monotonic(), Event::Overflow),
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                () = out.closed() => return,
            }
        };
        if matches!(event, Event::Told { .. }) && !session {
            continue;
        }
        let frame = ServerFrame {
            at: Some(at),
            event: Some(event),
            ..ServerFrame::default()
        };
        let Ok(line) = serde_json::to_string(&frame) else {
            continue;
        };
        if out.send(line).await.is_err() {
            return;
        }
    }
}

fn json<T: Serialize>(value: &T) -> Result<Box<RawValue>, ApiError> {
    serde_json::value::to_raw_value(value).map_err(|e| ApiError::new(ErrorCode::Internal).with("detail", e.to_string()))
}

async fn status(core: &Core) -> Result<Status, ApiError> {
    let mut status = Status {
        version: qiyou_api::VERSION.to_owned(),
        pid: std::process::id(),
        uptime: core.started.elapsed().as_secs(),
        accounts: Vec::new(),
        unread: 0,
        paused_until: None,
        pending_operations: 0,
        tray: core.tray.load(Ordering::Relaxed),
        language: core.language.unwrap_or_else(crate::words::system).tag().to_owned(),
        session: crate::run::session(),
        trouble: core.trouble(),
    };
    if let Ok(engine) = core.engine() {
        status.accounts = engine.accounts().await?;
        status.unread = status.accounts.iter().map(|a| a.unread).fold(0, u32::saturating_add);
        status.paused_until = engine.settings().paused_until.filter(|until| *until > core.clock.now());
        status.pending_operations = engine.pending_operations().await?;
    }
    Ok(status)
}

async fn doctor(core: &Core) -> Result<Doctor, ApiError> {
    let mut doctor = match core.engine() {
        Ok(engine) => engine.doctor().await?,
        Err(error) => {
            let detail = error.args.get("detail").cloned().unwrap_or_default();
            let code = format!(
                "trouble_{}",
                serde_json::to_string(&error.code).unwrap_or_default().trim_matches('"')
            );
            Doctor {
                findings: vec![Finding {
                    code,
                    level: Level::Bad,
                    args: [("detail".to_owned(), detail)].into(),
                }],
            }
        }
    };
    let tray = core.tray.load(Ordering::Relaxed);
    doctor.findings.push(Finding {
        code: if tray { "tray_shown" } else { "tray_absent" }.to_owned(),
        level: if tray { Level::Good } else { Level::Note },
        args: [].into(),
    });
    Ok(doctor)
}

async fn order(core: &Core, order: Order) -> Result<Box<RawValue>, ApiError> {
    core.orders
        .send(order)
        .await
        .map_err(|_| ApiError::new(ErrorCode::Internal))?;
    json(&Nothing {})
}

/// Answers one request.
async fn answer(core: &Core, request: Request) -> Result<Box<RawValue>, ApiError> {
    // Those that work without a store come first.
    let request = match request {
        Request::Status(_) => return json(&status(core).await?),
        Request::Subscribe(_) => return json(&Nothing {}),
        Request::Quit(_) => {
            core.quit.notify_one();
            return json(&Nothing {});
        }
        Request::Doctor(_) => return json(&doctor(core).await?),
        Request::Open(params) => return order(core, Order::Open(params.mail)).await,
        Request::Link(params) => {
            return crate::desk::link(core, params.url)
                .await
                .and_then(|()| json(&Nothing {}));
        }
        Request::BubblesTest(_) => return order(core, Order::TestBubble).await,
        Request::MailProgramChoose(_) => return json(&crate::desk::choose_mail_program().await?),
        other => other,
    };
    let engine = match core.engine_soon().await {
        Ok(engine) => engine,
        Err(error) => {
            if matches!(request, Request::Sync(_)) {
                core.again.notify_one();
            }
            return Err(error);
        }
    };
    with_engine(core, &engine, request).await
}

async fn with_engine(core: &Core, engine: &Engine, request: Request) -> Result<Box<RawValue>, ApiError> {
    let nothing = Nothing {};
    match request {
        Request::Status(_)
        | Request::Subscribe(_)
        | Request::Quit(_)
        | Request::Doctor(_)
        | Request::Open(_)
        | Request::Link(_)
        | Request::MailProgramChoose(_)
        | Request::BubblesTest(_) => json(&nothing),
        Request::Sync(params) => {
            engine.sync(params.account, params.wait).await?;
            json(&nothing)
        }
        Request::Pause(params) => {
            let mut settings = engine.settings().as_ref().clone();
            settings.paused_until = params.until;
            engine.set_settings(settings).await?;
            json(&nothing)
        }
        Request::Desk(_) => json(&crate::desk::view(engine).await),
        Request::AccountsList(_) => json(&engine.accounts().await?),
        Request::AccountsRecognise(params) => json(&engine.recognise(&params.address).await?),
        Request::AccountsTest(params) => json(&engine.test(&params.settings, &params.credential).await?),
        Request::AccountsAdd(params) => json(&engine.add(params).await?),
        Request::AccountsUpdate(params) => json(&engine.update(params).await?),
        Request::AccountsRemove(params) => {
            engine.remove(params.account).await?;
            json(&nothing)
        }
        Request::AccountsCheck(params) => json(&engine.check(params.account).await?),
        Request::AccountsOrder(params) => {
            engine.order(params.accounts).await?;
            json(&nothing)
        }
        Request::AccountsOauth(params) => json(&crate::desk::oauth(core, engine, params).await?),
        Request::CompanyGet(_) => json(&engine.company().await?),
        Request::CompanySignIn(params) => json(&crate::desk::company_sign_in(core, engine, &params.bridge).await?),
        Request::CompanyRedeem(params) => json(&engine.company_redeem(params.code).await?),
        Request::CompanyCancel(_) => {
            engine.company_cancel().await;
            json(&nothing)
        }
        Request::CompanySignOut(_) => {
            engine.company_sign_out().await?;
            json(&nothing)
        }
        Request::CompanyLook(_) => {
            engine.company_look().await?;
            json(&nothing)
        }
        Request::CompanyLookAddressUp(params) => json(&engine.company_look_address_up(&params.address).await?),
        Request::CompanyMailCode(params) => json(&engine.company_mail_code(&params.address).await?),
        Request::CompanyRedeemCode(params) => json(&engine.company_redeem_code(params.code).await?),
        Request::CompanyAskAdmin(params) => json(&engine.company_ask_admin(&params.address).await?),
        Request::CompanyAskAdminNoMore(_) => json(&engine.company_ask_admin_no_more().await?),
        Request::CompanyDevices(_) => json(&engine.company_devices().await?),
        Request::CompanyWebmail(_) => {
            crate::desk::company_webmail(core, engine).await?;
            json(&nothing)
        }
        Request::CompanyReminders(_) => json(&engine.company_reminders().await?),
        Request::CompanySetReminders(params) => json(&crate::desk::company_set_reminders(core, engine, params).await?),
        Request::CompanyRevoke(params) => {
            engine.company_revoke(&params.id).await?;
            json(&nothing)
        }
        Request::FoldersList(params) => json(&engine.folders(params.account).await?),
        Request::FoldersCreate(params) => json(&engine.create_folder(params).await?),
        Request::FoldersRename(params) => json(&engine.rename_folder(params).await?),
        Request::FoldersDelete(params) => {
            engine.delete_folder(params.folder).await?;
            json(&nothing)
        }
        Request::FoldersUpdate(params) => json(&engine.update_folder(params).await?),
        Request::MailList(params) => json(&engine.list(params).await?),
        Request::MailLocate(params) => json(&engine.locate(params).await?),
        Request::MailGet(params) => json(&engine.mail(params.mail).await?),
        Request::MailBody(params) => json(&engine.body(params).await?),
        Request::MailSource(params) => json(&engine.source(params.mail).await?),
        Request::MailSaveAttachment(params) => {
            engine.save_attachment(params).await?;
            json(&nothing)
        }
        Request::MailPicture(params) => json(&engine.picture(params).await?),
        Request::MailSaveAttachments(params) => json(&engine.save_attachments(params).await?),
        Request::MailOpenAttachment(params) => {
            core.opened.open(engine, params).await?;
            json(&nothing)
        }
        Request::MailAct(params) => json(&engine.act(params).await?),
        Request::MailReceipt(params) => {
            engine.mail_receipt(params).await?;
            json(&nothing)
        }
        Request::MailReply(params) => json(&engine.mail_reply(params).await?),
        Request::MailResend(params) => json(&engine.mail_resend(params).await?),
        Request::MailMarkAllRead(params) => json(&engine.mark_all_read(params.folder).await?),
        Request::Undo(params) => json(&engine.undo(params.undo).await?),
        Request::OutboxSend(params) => json(&engine.send(params).await?),
        Request::DraftCreate(params) => json(&engine.draft_create(params).await?),
        Request::DraftContinue(params) => json(&engine.draft_continue(params.mail).await?),
        Request::DraftGet(params) => json(&engine.draft(params.id).await?),
        Request::DraftList(_) => json(&engine.drafts().await?),
        Request::DraftSave(params) => json(&engine.draft_save(params).await?),
        Request::DraftQuote(params) => json(&engine.draft_quote(params).await?),
        Request::DraftOpenQuote(params) => json(&engine.draft_open_quote(params.id).await?),
        Request::DraftAttach(params) => json(&engine.draft_attach(params).await?),
        Request::DraftAttachMails(params) => json(&engine.draft_attach_mails(params).await?),
        Request::DraftPaste(params) => json(&engine.draft_paste(params).await?),
        Request::DraftFileGet(params) => json(&engine.draft_file(params).await?),
        Request::DraftDetach(params) => json(&engine.draft_detach(params).await?),
        Request::DraftSettle(params) => json(&engine.draft_settle(params).await?),
        Request::DraftSend(params) => json(&engine.draft_send(params).await?),
        Request::DraftDiscard(params) => {
            engine.draft_discard(params.id).await?;
            json(&Nothing {})
        }
        Request::DraftRestore(params) => json(&engine.draft_restore(params.id).await?),
        Request::TemplatesList(_) => json(&engine.templates().await?),
        Request::TemplatesSave(params) => json(&engine.template_save(params).await?),
        Request::TemplatesRemove(params) => {
            engine.template_remove(params.id).await?;
            json(&Nothing {})
        }
        Request::PeopleComplete(params) => json(&engine.complete(params).await?),
        Request::DirectoryPerson(params) => json(&engine.directory_person(params).await?),
        Request::DirectoryDepartment(params) => json(&engine.directory_department(params.id).await?),
        Request::ContactsList(params) => json(&engine.contacts(params).await?),
        Request::ContactsFind(params) => json(&engine.contact_of(params).await?),
        Request::ContactsSave(params) => json(&engine.contact_save(params).await?),
        Request::ContactsRemove(params) => json(&engine.contacts_remove(params.ids).await?),
        Request::ContactsDoubles(_) => json(&engine.contacts_doubles().await?),
        Request::ContactsMerge(params) => json(&engine.contacts_merge(params.ids).await?),
        Request::ContactsRevert(change) => {
            engine.contacts_revert(change).await?;
            json(&Nothing {})
        }
        Request::ContactsImport(params) => json(&engine.contacts_import(params).await?),
        Request::ContactsExport(params) => json(&engine.contacts_export(params).await?),
        Request::GroupsSave(params) => json(&engine.group_save(params).await?),
        Request::GroupsRemove(params) => {
            engine.group_remove(params.id).await?;
            json(&Nothing {})
        }
        Request::OutboxList(_) => json(&engine.outbox().await?),
        Request::OutboxAct(params) => json(&engine.outbox_act(params).await?),
        Request::Storage(_) => json(&engine.storage().await?),
        Request::StorageClear(_) => json(&engine.clear_storage().await?),
        Request::SettingsGet(_) => json(engine.settings().as_ref()),
        Request::SettingsSet(settings) => json(&engine.set_settings(settings).await?),
    }
}
