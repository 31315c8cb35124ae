// Put into a page: reads its connection's figures five times a second into `sampled`. Counters are raw; `figures.py` knows what
// they mean. A row whose counters fall belongs to a new connection.
(() => {
  const taken = (window.sampled = []);
  const pick = (row, names) => Object.fromEntries(names.filter((name) => row[name] !== undefined).map((name) => [name, row[name]]));
  const AUDIO = ['packetsReceived', 'packetsLost', 'bytesReceived', 'totalSamplesReceived', 'concealedSamples', 'silentConcealedSamples', 'concealmentEvents', 'jitterBufferDelay', 'jitterBufferEmittedCount', 'totalAudioEnergy', 'packetsDiscarded', 'fecPacketsReceived', 'removedSamplesForAcceleration', 'insertedSamplesForDeceleration'];
  const VIDEO = ['packetsReceived', 'packetsLost', 'bytesReceived', 'framesDecoded', 'keyFramesDecoded', 'frameWidth', 'frameHeight', 'freezeCount', 'totalFreezesDuration', 'nackCount', 'pliCount', 'retransmittedPacketsReceived', 'jitterBufferDelay', 'jitterBufferEmittedCount'];
  const SENT = ['packetsSent', 'bytesSent', 'framesEncoded', 'keyFramesEncoded', 'frameWidth', 'targetBitrate', 'nackCount', 'pliCount', 'qualityLimitationReason', 'active', 'retransmittedBytesSent'];
  let busy = false;
  const take = async () => {
    if (busy) return;
    busy = true;
    try {
      const sample = { at: Date.now() / 1000, audio: {}, video: {}, sent: {}, rtt: null, out: null };
      for (const row of await window.roomDebug.stats()) {
        if (row.type === 'inbound-rtp' && row.packetsReceived) sample[row.kind][row.mid] = pick(row, row.kind === 'audio' ? AUDIO : VIDEO);
        else if (row.type === 'outbound-rtp') sample.sent[row.mid + (row.rid ? ':' + row.rid : '')] = pick(row, SENT);
        else if (row.type === 'candidate-pair' && row.nominated && row.state === 'succeeded') {
          sample.rtt = row.currentRoundTripTime ?? null;
          sample.out = row.availableOutgoingBitrate ?? null;
        }
      }
      taken.push(sample);
    } finally {
      busy = false;
    }
  };
  setInterval(take, 200);
})();
