//! Counts for Prometheus.

use std::time::Duration;

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};

/// All counters.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    time: HistogramVec,
    signins: IntCounterVec,
    wecom: IntCounterVec,
    callbacks: IntCounterVec,
    left: IntCounterVec,
    proofs: IntCounterVec,
    readings: IntCounterVec,
    people: IntGauge,
    pushes: IntCounterVec,
    cards: IntCounterVec,
    lines: IntGauge,
}

impl Metrics {
    /// All at zero.
    pub fn new() -> anyhow::Result<Self> {
        let registry = Registry::new();
        let counter = |name: &str, help: &str, labels: &[&str]| -> anyhow::Result<IntCounterVec> {
            let counter = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(counter.clone()))?;
            Ok(counter)
        };
        let requests = counter(
            "qiyou_bridge_requests_total",
            "Requests answered.",
            &["route", "status"],
        )?;
        let signins = counter(
            "qiyou_bridge_signins_total",
            "Sign-ins by how they ended.",
            &["outcome"],
        )?;
        let wecom = counter(
            "qiyou_bridge_wecom_errors_total",
            "Errors of WeCom's API by code.",
            &["code"],
        )?;
        let callbacks = counter(
            "qiyou_bridge_callbacks_total",
            "Callbacks of WeCom by what became of them.",
            &["outcome"],
        )?;
        let left = counter(
            "qiyou_bridge_left_total",
            "Members who left: locked, or held until an admin confirms.",
            &["step"],
        )?;
        let proofs = counter(
            "qiyou_bridge_proofs_total",
            "What members did to prove an address, by how it went.",
            &["way", "outcome"],
        )?;
        let readings = counter(
            "qiyou_bridge_directory_readings_total",
            "Readings of the whole directory.",
            &["outcome"],
        )?;
        let people = IntGauge::new("qiyou_bridge_directory_people", "People of the directory.")?;
        registry.register(Box::new(people.clone()))?;
        let pushes = counter(
            "qiyou_bridge_pushes_total",
            "Pushes of the mail platform by what became of them.",
            &["outcome"],
        )?;
        let cards = counter(
            "qiyou_bridge_cards_total",
            "Cards in WeCom by what became of them.",
            &["outcome"],
        )?;
        let lines = IntGauge::new("qiyou_bridge_lines", "Apps that listen just now.")?;
        registry.register(Box::new(lines.clone()))?;
        let time = HistogramVec::new(
            HistogramOpts::new("qiyou_bridge_request_seconds", "How long requests took.")
                .buckets(vec![0.005, 0.02, 0.1, 0.3, 1.0, 5.0, 30.0]),
            &["route"],
        )?;
        registry.register(Box::new(time.clone()))?;
        Ok(Self {
            registry,
            requests,
            time,
            signins,
            wecom,
            callbacks,
            left,
            proofs,
            readings,
            people,
            pushes,
            cards,
            lines,
        })
    }

    /// A request was answered.
    pub fn request(&self, route: &str, status: u16, took: Duration) {
        self.requests.with_label_values(&[route, &status.to_string()]).inc();
        self.time.with_label_values(&[route]).observe(took.as_secs_f64());
    }

    /// A sign-in came this far, or ended so.
    pub fn signin(&self, outcome: &str) {
        self.signins.with_label_values(&[outcome]).inc();
    }

    /// WeCom answered with an error.
    pub fn wecom(&self, code: &str) {
        self.wecom.with_label_values(&[code]).inc();
    }

    /// A callback came.
    pub fn callback(&self, outcome: &str) {
        self.callbacks.with_label_values(&[outcome]).inc();
    }

    /// Somebody left.
    pub fn left(&self, step: &str) {
        self.left.with_label_values(&[step]).inc();
    }

    /// A member did something to prove an address.
    pub fn proof(&self, way: &str, outcome: &str) {
        self.proofs.with_label_values(&[way, outcome]).inc();
    }

    /// The whole directory was read, or could not be.
    pub fn directory(&self, read: bool, people: i64) {
        let outcome = if read { "read" } else { "failed" };
        self.readings.with_label_values(&[outcome]).inc();
        self.people.set(people);
    }

    /// The mail platform told of a mail.
    pub fn push(&self, outcome: &str) {
        self.pushes.with_label_values(&[outcome]).inc();
    }

    /// A mail was to be told of in WeCom.
    pub fn card(&self, outcome: &str) {
        self.cards.with_label_values(&[outcome]).inc();
    }

    /// So many apps listen.
    pub fn lines(&self, count: usize) {
        self.lines.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// All of it, as Prometheus reads it.
    pub fn text(&self) -> anyhow::Result<String> {
        Ok(TextEncoder::new().encode_to_string(&self.registry.gather())?)
    }
}
