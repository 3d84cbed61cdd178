package dev.postrider.bench;

import dev.postrider.simulator.WahaSimulator;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;

/** What the parts cost alone, in the same run: nothing that is built from them can cost less. */
final class Floors {
  private static final int BATCH = 100;
  private static final long APP = 9_000_000;
  private static final long FIRST_ID = 8_000_000_000_000_000L;

  private Floors() {}

  /** Every row a delivered message leaves or makes on its way, in batches; messages a second. */
  static double jdbc(Rig rig, double seconds) throws Exception {
    try (Connection connection = rig.connect()) {
      connection.setAutoCommit(false);
      long id = FIRST_ID;
      long start = System.nanoTime();
      while ((System.nanoTime() - start) / 1e9 < seconds) {
        accept(connection, id);
        connection.commit();
        finish(connection, id);
        connection.commit();
        id += BATCH;
      }
      double rate = (id - FIRST_ID) / ((System.nanoTime() - start) / 1e9);
      for (String table : List.of("messages", "message_logs", "attempts")) {
        connection.createStatement().execute("delete from " + table + " where app_id = " + APP);
      }
      connection.commit();
      return rate;
    }
  }

  private static void accept(Connection connection, long first) throws SQLException {
    batch(
        connection,
        "insert into messages (app_id, message_id, sender_id, recipient, message_type,"
            + " message_content, priority, hold, max_attempts, expires_at, correlation_id, dispatch,"
            + " version, attempts) values (?, ?, 1, '+4915112345678', 'text', 'Your code is 471108',"
            + " 2, false, 8, now() + interval '3 days', 'bench', 'sending', 1, 1)",
        first);
    batch(
        connection,
        "insert into message_logs (app_id, message_id, version, at, event, dispatch_to, status,"
            + " attempt) values (?, ?, 1, now(), 'accepted', 'sending', 'pending', 1)",
        first);
    batch(
        connection,
        "insert into jobs (app_id, id, kind, lane, priority, run_at, attempt, token, claimed_at,"
            + " lease_until) values (?, ?, 'floor', 1, 2, now(), 1, 4711, now(), now())",
        first);
  }

  private static void finish(Connection connection, long first) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "delete from jobs where kind = 'floor' and id between ? and ?")) {
      delete.setLong(1, first);
      delete.setLong(2, first + BATCH - 1);
      delete.executeUpdate();
    }
    batch(
        connection,
        "insert into attempts (app_id, message_id, attempt, sender_id, started_at, finished_at,"
            + " outcome, provider_message_id) values (?, ?, 1, 9000000, now(), now(), 'accepted',"
            + " md5(random()::text))",
        first);
    try (PreparedStatement update =
        connection.prepareStatement(
            "update messages set dispatch = 'handed_off', version = 2, sent_at = now(),"
                + " provider_message_id = '3EB0471108' where app_id = ? and message_id between ? and ?")) {
      update.setLong(1, APP);
      update.setLong(2, first);
      update.setLong(3, first + BATCH - 1);
      update.executeUpdate();
    }
    batch(
        connection,
        "insert into message_logs (app_id, message_id, version, at, event, dispatch_from,"
            + " dispatch_to, status, attempt) values (?, ?, 2, now(), 'sent', 'sending',"
            + " 'handed_off', 'sent', 1)",
        first);
  }

  private static void batch(Connection connection, String sql, long first) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (long id = first; id < first + BATCH; id++) {
        statement.setLong(1, APP);
        statement.setLong(2, id);
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /** What the HTTP client does alone against the simulator. */
  record Client(double perSecond, double microsCpu) {}

  static Client client(WahaSimulator waha, String key, double seconds) throws Exception {
    var connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setMaxConnTotal(64)
            .setMaxConnPerRoute(64)
            .build();
    try (CloseableHttpClient client =
        HttpClients.custom().setConnectionManager(connections).disableAutomaticRetries().build()) {
      run(client, waha, key, seconds / 2);
      double cpu = Cpu.of(ProcessHandle.current().pid());
      int calls = run(client, waha, key, seconds);
      double used = Cpu.of(ProcessHandle.current().pid()) - cpu;
      return new Client(calls / seconds, used / calls * 1e6);
    }
  }

  private static int run(CloseableHttpClient client, WahaSimulator waha, String key, double seconds)
      throws InterruptedException {
    AtomicInteger calls = new AtomicInteger();
    Semaphore slots = new Semaphore(16);
    List<Thread> threads = new ArrayList<>();
    long end = System.nanoTime() + (long) (seconds * 1e9);
    for (int i = 0; i < 16; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                while (System.nanoTime() < end) {
                  slots.acquireUninterruptibly();
                  HttpPost post = new HttpPost(waha.url() + "/api/sendText");
                  post.setHeader("X-Api-Key", key);
                  post.setEntity(
                      new StringEntity(
                          "{\"session\":\"default\",\"chatId\":\"4915112345678@c.us\",\"text\":\"x\"}",
                          ContentType.APPLICATION_JSON.withCharset(StandardCharsets.UTF_8)));
                  try {
                    client.execute(
                        post,
                        response -> {
                          EntityUtils.consume(response.getEntity());
                          return calls.incrementAndGet();
                        });
                  } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  } finally {
                    slots.release();
                  }
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return calls.get();
  }
}
