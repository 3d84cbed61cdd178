package dev.postrider.simulator;

import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The listening end of a WebSocket: puts texts together, and asks for the next. */
public abstract class Frames implements WebSocket.Listener {
  private final StringBuilder piece = new StringBuilder();

  /** A whole text came. */
  protected abstract void came(String text);

  /** What had begun on an earlier connection does not go on. */
  protected final void begin() {
    piece.setLength(0);
  }

  @Override
  public final CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
    piece.append(data);
    if (last) {
      came(piece.toString());
      piece.setLength(0);
    }
    socket.request(1);
    return CompletableFuture.completedStage(null);
  }
}
