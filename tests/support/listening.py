"""How long somebody hears nothing: what their page plays is looked at every 50 ms, over all its connections.

A sound counts while the page plays it and real samples of it, not made-up ones, keep coming out of the jitter buffer. So a gap is
what an ear would notice, whichever connection the sound comes through.
"""

from playwright.sync_api import BrowserContext, Page

_WATCH = """(() => {
    const connections = new Set();
    window.RTCPeerConnection = class extends window.RTCPeerConnection {
        constructor(...options) {
            super(...options);
            connections.add(this);
        }
    };
    const real = new Map();  // by track: samples heard so far
    const voices = new Map();  // by person's player: when last heard, and the longest silence since `listen`
    const waiting = [];  // of players that are gone: the next one takes over
    async function look() {
        const seen = new Map();
        for (const connection of connections) {
            if (connection.connectionState === 'closed') connections.delete(connection);
            else for (const row of (await connection.getStats()).values())
                if (row.type === 'inbound-rtp' && row.kind === 'audio')
                    seen.set(row.trackIdentifier, row.totalSamplesReceived - row.concealedSamples);
        }
        const now = performance.now();
        const players = [...document.querySelectorAll('audio')].filter((one) => one.srcObject);
        for (const player of players) {
            const track = player.srcObject.getAudioTracks()[0]?.id;
            const voice = voices.get(player) ?? waiting.pop() ?? { at: now, longest: 0 };
            voices.set(player, voice);
            voice.longest = Math.max(voice.longest, now - voice.at);
            if ((seen.get(track) ?? 0) > (real.get(track) ?? 0)) voice.at = now;
        }
        for (const [track, samples] of seen) real.set(track, samples);
        const gone = [...voices.keys()].filter((player) => !players.includes(player));
        for (const player of gone) {
            waiting.push(voices.get(player));
            voices.delete(player);
        }
        for (const voice of waiting) voice.longest = Math.max(voice.longest, now - voice.at);
        const all = [...voices.values(), ...waiting];
        window.heard = { voices: players.length, gap: Math.max(0, ...all.map((one) => one.longest)) };
    }
    window.listen = () => {
        const now = performance.now();
        for (const voice of [...voices.values(), ...waiting]) Object.assign(voice, { at: now, longest: 0 });
    };
    window.addEventListener('DOMContentLoaded', async () => {
        for (;;) {
            // A connection may close while it is asked; the next look does without it.
            await look().catch(() => {});
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    });
})()"""


def watch(context: BrowserContext) -> None:
    """Look at what the pages of a context play. To be called before they are opened."""
    context.add_init_script(_WATCH)


def listen(page: Page) -> None:
    """Begin to measure."""
    page.evaluate("window.listen()")


def longest_gap(page: Page) -> float:
    """Return the longest time, in seconds, in which one who is played was not heard, since `listen`."""
    gap: float = page.evaluate("window.heard.gap")
    return round(gap / 1000, 3)
