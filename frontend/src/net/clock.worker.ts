// Timers of a hidden tab are slowed down to one a minute; those of a worker are not. Heartbeats must not stop with the tab.
setInterval(() => postMessage(0), 100);
