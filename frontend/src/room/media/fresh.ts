/**
 * A connection that knows the addresses this computer has now.
 *
 * Chromium tells the connections of a window up to two seconds late that the computer has come into another network; until then new
 * ones are made on the old address, in vain. A new window, here a hidden frame, asks for the addresses anew.
 */
export function freshConnection(configuration: RTCConfiguration): RTCPeerConnection {
  if (!('userAgentData' in navigator)) return new RTCPeerConnection(configuration); // not Chromium: it may load the frame anew
  const frame = document.createElement('iframe');
  frame.hidden = true;
  document.body.append(frame);
  const its = frame.contentWindow as { RTCPeerConnection?: typeof RTCPeerConnection } | null;
  if (!its?.RTCPeerConnection) {
    frame.remove();
    return new RTCPeerConnection(configuration);
  }
  const connection = new its.RTCPeerConnection(configuration);
  const close = connection.close.bind(connection);
  connection.close = () => {
    close();
    frame.remove();
  };
  return connection;
}
