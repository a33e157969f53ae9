//! Sleep and clock by notifications of AppKit, lock by the distributed ones. Connections that die with a network are
//! found by their own keep-alive here: no watch of the network yet.

use std::ptr::NonNull;

use block2::RcBlock;
use objc2::rc::Retained;
use objc2_app_kit::{NSWorkspace, NSWorkspaceDidWakeNotification, NSWorkspaceWillSleepNotification};
use objc2_foundation::{
    NSDistributedNotificationCenter, NSNotification, NSNotificationCenter, NSNotificationName, NSString,
    NSSystemClockDidChangeNotification,
};
use tokio::sync::mpsc;

use crate::SystemEvent;

pub(super) fn start(events: mpsc::Sender<SystemEvent>) {
    dispatch2::DispatchQueue::main().exec_async(move || {
        let workspace = NSWorkspace::sharedWorkspace().notificationCenter();
        let local = NSNotificationCenter::defaultCenter();
        let distributed: Retained<NSNotificationCenter> =
            Retained::into_super(NSDistributedNotificationCenter::defaultCenter());
        let locked = NSString::from_str("com.apple.screenIsLocked");
        let unlocked = NSString::from_str("com.apple.screenIsUnlocked");
        // SAFETY: constants of the frameworks, set before any code of ours runs.
        let (sleep, wake, clock) = unsafe {
            (NSWorkspaceWillSleepNotification, NSWorkspaceDidWakeNotification, NSSystemClockDidChangeNotification)
        };
        observe(&workspace, sleep, SystemEvent::Suspend, &events);
        observe(&workspace, wake, SystemEvent::Resume, &events);
        observe(&local, clock, SystemEvent::ClockJump, &events);
        observe(&distributed, &locked, SystemEvent::SessionLocked(true), &events);
        observe(&distributed, &unlocked, SystemEvent::SessionLocked(false), &events);
    });
}

fn observe(
    center: &NSNotificationCenter,
    name: &NSNotificationName,
    event: SystemEvent,
    events: &mpsc::Sender<SystemEvent>,
) {
    let events = events.clone();
    let told = RcBlock::new(move |_: NonNull<NSNotification>| {
        let _ = events.try_send(event);
    });
    // SAFETY: the block may be called on any thread: it holds nothing but a sender, which may be used on any.
    let observer = unsafe { center.addObserverForName_object_queue_usingBlock(Some(name), None, None, &told) };
    // The centre keeps it for as long as the program runs.
    drop(observer);
}
