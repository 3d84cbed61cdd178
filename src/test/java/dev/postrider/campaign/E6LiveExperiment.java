package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.ACKED;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.platform.Json;
import dev.postrider.simulator.Frames;
import dev.postrider.testing.Api;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * E6: a hundred readers on two nodes, beside thirty that never read, twenty that come and go, and
 * twenty that shout; a node is killed in the middle. Whoever reads gets everything once, in order,
 * and comes back where it was.
 */
@Tag("fault")
class E6LiveExperiment {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private final AtomicInteger cameBack = new AtomicInteger();
  private final AtomicInteger hungUpOn = new AtomicInteger();
  private volatile boolean on = true;

  /** One that reads, and connects again with what it has when it is cut off. */
  private final class Reader extends Frames {
    final List<Long> seqs = new ArrayList<>();
    private volatile boolean open;

    synchronized long last() {
      return seqs.isEmpty() ? 0 : seqs.getLast();
    }

    void keepConnected(Campaign run, Tenant shop, int first) {
      int turn = first;
      boolean again = false;
      while (on) {
        if (!open) {
          begin();
          open = connect(run, shop, turn++, "?after=" + last(), this) != null;
          if (open && again) {
            cameBack.incrementAndGet();
          }
          again |= open;
        }
        Campaign.last(ofMillis(100));
      }
    }

    @Override
    protected synchronized void came(String text) {
      seqs.add(Json.mapper().readTree(text).path("seq").asLong());
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      open = false;
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      open = false;
    }
  }

  /** One that never asks for anything; it notes when it is hung up on. */
  private final class Deaf implements WebSocket.Listener {
    @Override
    public void onOpen(WebSocket socket) {
      // asks for nothing
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      hungUpOn.incrementAndGet();
      return null;
    }
  }

  @Test
  void whoeverReadsMissesNothingWhateverOthersDo() {
    Setup setup =
        Setup.quick(2)
            .options("--postrider.live.send-within=1s", "--postrider.live.check-every=2s");
    try (Campaign run = Campaign.start("E6", setup)) {
      Tenant shop = run.tenant("shop");
      List<Reader> readers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        Reader reader = new Reader();
        readers.add(reader);
        int node = i;
        Thread.ofVirtual().start(() -> reader.keepConnected(run, shop, node));
      }
      for (int i = 0; i < 30; i++) {
        connect(run, shop, 1, "", new Deaf());
      }
      for (int i = 0; i < 20; i++) {
        int node = i;
        Thread.ofVirtual().start(() -> comeAndGo(run, shop, node));
        Thread.ofVirtual().start(() -> shout(run, shop, node));
      }
      run.callers().start(40, _ -> run.op(shop));
      Campaign.last(ofSeconds(4));
      run.node(0).kill();
      Campaign.last(ofSeconds(2));
      run.reviveNodes();
      Campaign.last(ofSeconds(4));
      run.quiesce();
      run.verdict().occurred(ACKED, 200).holds();
      long newest =
          run.node(0).api().get("/api/events/" + shop.app()).data().path("newest").asLong();
      for (Reader reader : readers) {
        // A circuit that closes now is told of after the last message.
        Campaign.until(() -> reader.last() >= newest, ofSeconds(20));
        List<Long> seqs = List.copyOf(reader.seqs);
        assertThat(seqs).isEqualTo(LongStream.rangeClosed(1, seqs.size()).boxed().toList());
      }
      Campaign.occurred("readers that came back", cameBack.get(), 30);
      Campaign.occurred("shouting that was hung up on", hungUpOn.get(), 20);
    } finally {
      on = false;
    }
  }

  private void comeAndGo(Campaign run, Tenant shop, int node) {
    while (on) {
      WebSocket socket = connect(run, shop, node, "?after=0", new Deaf());
      if (socket != null) {
        socket.abort();
      }
      Campaign.last(ofMillis(50));
    }
  }

  /** Megabytes of text, and pings without end. */
  private void shout(Campaign run, Tenant shop, int node) {
    String megabyte = "x".repeat(1024 * 1024);
    while (on) {
      WebSocket socket =
          connect(
              run,
              shop,
              node,
              "",
              new WebSocket.Listener() {
                @Override
                public @Nullable CompletionStage<?> onClose(
                    WebSocket closed, int code, String reason) {
                  hungUpOn.incrementAndGet();
                  return null;
                }
              });
      if (socket != null) {
        try {
          for (int i = 0; i < 50; i++) {
            socket.sendPing(ByteBuffer.allocate(100)).join();
          }
          socket.sendText(megabyte, true).join();
        } catch (CompletionException | IllegalStateException _) {
          // it was hung up on
        }
        Campaign.last(ofMillis(300));
        socket.abort();
      }
      Campaign.last(ofMillis(200));
    }
  }

  private static @Nullable WebSocket connect(
      Campaign run, Tenant shop, int node, String query, WebSocket.Listener listener) {
    Api api = run.apis().get(node % run.apis().size());
    URI uri = URI.create(api.url().replaceFirst("^http", "ws") + "/ws" + query);
    try {
      return HTTP.newWebSocketBuilder()
          .header("X-Api-Key", shop.key())
          .buildAsync(uri, listener)
          .join();
    } catch (CompletionException _) {
      return null; // the node is away
    }
  }
}
