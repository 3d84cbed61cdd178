package dev.postrider.channel.egress;

import dev.postrider.platform.Text;
import dev.postrider.platform.database.Transactions;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * The one HTTP client. Follows no redirect, repeats nothing by itself, decompresses nothing, keeps
 * no cookie, reads at most 256 KiB of an answer, and ends every exchange at its deadline, body
 * included.
 */
@Component
public class EgressClient implements AutoCloseable {
  private static final int MAX_BODY = 256 * 1024;

  /**
   * A server may close an idle connection while we write to it, and the send would be unclear: they
   * are kept for a short time.
   */
  private static final TimeValue IDLE = TimeValue.ofSeconds(10);

  private static final String WRITING = "postrider.writing";

  /**
   * One exchange.
   *
   * @param body JSON, unless a {@code Content-Type} header says otherwise
   */
  @SuppressWarnings("ArrayRecordComponent") // sent, never compared
  public record Request(
      String method,
      URI uri,
      Map<String, String> headers,
      byte @Nullable [] body,
      Duration deadline,
      boolean trusted) {}

  private final CloseableHttpClient open;
  private final CloseableHttpClient guarded;
  private final ScheduledThreadPoolExecutor deadlines;

  @Autowired
  public EgressClient(EgressSockets sockets) {
    this(sockets, IDLE);
  }

  EgressClient(EgressSockets sockets, TimeValue idle) {
    this.open = client(sockets, true, idle);
    this.guarded = client(sockets, false, idle);
    this.deadlines =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("egress-deadlines").factory());
    this.deadlines.setRemoveOnCancelPolicy(true);
  }

  private static CloseableHttpClient client(
      EgressSockets sockets, boolean trusted, TimeValue idle) {
    PoolingHttpClientConnectionManager connections =
        new Connections(sockets, trusted)
            .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
            .setMaxConnPerRoute(256)
            .setDefaultSocketConfig(SocketConfig.custom().setTcpNoDelay(true).build())
            .setDefaultConnectionConfig(
                ConnectionConfig.custom()
                    .setConnectTimeout(Timeout.ofSeconds(5))
                    // The deadline ends what is silent; a timed read would cost a timer of its own.
                    .setSocketTimeout(Timeout.DISABLED)
                    .setIdleTimeout(Timeout.of(idle.getDuration(), idle.getTimeUnit()))
                    // Looked at before it is used again.
                    .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                    .setTimeToLive(TimeValue.ofMinutes(5))
                    .build())
            .build();
    return HttpClients.custom()
        .setConnectionManager(connections)
        // Or the last one to each host that was ever called would stay open.
        .evictExpiredConnections()
        .evictIdleConnections(idle)
        .setDefaultRequestConfig(
            RequestConfig.custom()
                .setConnectionRequestTimeout(Timeout.ofSeconds(5))
                .setContentCompressionEnabled(false)
                .setProtocolUpgradeEnabled(false)
                .build())
        .setUserAgent("postrider")
        .disableAutomaticRetries()
        .disableRedirectHandling()
        .disableCookieManagement()
        .disableAuthCaching()
        .disableContentCompression()
        .addExecInterceptorBefore(
            ChainElement.MAIN_TRANSPORT.name(),
            "writing",
            (request, scope, chain) -> {
              scope.clientContext.setAttribute(WRITING, true);
              return chain.proceed(request, scope);
            })
        .build();
  }

  /** Makes the exchange. Never throws for what the network or the other side does. */
  public Reply exchange(Request request) {
    if (Transactions.isOpen()) {
      throw new IllegalStateException("no call to the outside inside a transaction");
    }
    String host = request.uri().getHost();
    if (host == null) {
      return new Reply.NotSent("bad_url", "the URL names no host");
    }
    HttpUriRequestBase http = new HttpUriRequestBase(request.method(), request.uri());
    request.headers().forEach(http::setHeader);
    if (request.body() != null) {
      String type = request.headers().get("Content-Type");
      http.setEntity(
          new ByteArrayEntity(
              request.body(),
              type == null ? ContentType.APPLICATION_JSON : ContentType.parse(type)));
    }
    HttpClientContext context = HttpClientContext.create();
    Future<?> deadline =
        deadlines.schedule(http::cancel, request.deadline().toMillis(), TimeUnit.MILLISECONDS);
    try {
      HttpHost target = new HttpHost(request.uri().getScheme(), host, request.uri().getPort());
      CloseableHttpClient client = request.trusted() ? open : guarded;
      try (ClassicHttpResponse response = client.executeOpen(target, http, context)) {
        return new Reply.Answer(response.getCode(), headers(response), body(http, response));
      }
    } catch (IOException e) {
      return failure(e, context.getAttribute(WRITING) != null, http.isCancelled());
    } finally {
      deadline.cancel(false);
    }
  }

  private static Map<String, String> headers(ClassicHttpResponse response) {
    Map<String, String> headers = new HashMap<>();
    for (Header header : response.getHeaders()) {
      headers.put(header.getName().toLowerCase(Locale.ROOT), header.getValue());
    }
    return headers;
  }

  private static byte[] body(HttpUriRequestBase http, ClassicHttpResponse response)
      throws IOException {
    HttpEntity entity = response.getEntity();
    if (entity == null) {
      return new byte[0];
    }
    InputStream in = entity.getContent();
    long announced = entity.getContentLength();
    byte[] body = in.readNBytes(announced < 0 ? MAX_BODY : (int) Math.min(announced, MAX_BODY));
    if (body.length == MAX_BODY) {
      // Nobody's answer is this long. Closing politely would read it to its end.
      http.cancel();
    } else {
      in.close();
    }
    return body;
  }

  private static Reply failure(IOException e, boolean writing, boolean cancelled) {
    String detail = Text.cleaned(e.getMessage() == null ? e.toString() : e.getMessage(), 200);
    if (!writing) {
      return new Reply.NotSent(
          switch (e) {
            case EgressSockets.EgressRefused _ -> "address_refused";
            case PrivateName _ -> "address_refused";
            case UnknownHostException _ -> "dns";
            case SSLException _ -> "tls";
            case SocketTimeoutException _ -> "connect_timeout";
            default -> "connect_failed";
          },
          detail);
    }
    boolean timeout = cancelled || e instanceof InterruptedIOException;
    return new Reply.Broken(timeout ? "timeout_after_write" : "reset_after_write", detail);
  }

  @Override
  public void close() throws IOException {
    open.close();
    guarded.close();
    deadlines.shutdownNow();
  }

  /** A connection manager whose sockets come from {@link EgressSockets}. */
  private static final class Connections extends PoolingHttpClientConnectionManagerBuilder {
    private final EgressSockets sockets;
    private final boolean trusted;

    Connections(EgressSockets sockets, boolean trusted) {
      this.sockets = sockets;
      this.trusted = trusted;
      setDnsResolver(new Dns(sockets, trusted));
    }

    @Override
    protected HttpClientConnectionOperator createConnectionOperator(
        SchemePortResolver ports, DnsResolver dns, TlsSocketStrategy tls) {
      return new DefaultHttpClientConnectionOperator(
          _ -> socket(),
          ports,
          dns,
          RegistryBuilder.<TlsSocketStrategy>create().register(URIScheme.HTTPS.id, tls).build());
    }

    private Socket socket() {
      return sockets.create(trusted);
    }
  }

  /** One private answer spoils a name: the next one asked for might be that. */
  private static final class PrivateName extends UnknownHostException {
    private static final long serialVersionUID = 1L;

    PrivateName() {
      super("the host has an address that is not public");
    }
  }

  private record Dns(EgressSockets sockets, boolean trusted) implements DnsResolver {
    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
      InetAddress[] addresses = Names.lookUp(host);
      try {
        if (!trusted) {
          sockets.check(addresses);
        }
      } catch (IOException _) {
        throw new PrivateName();
      }
      return addresses;
    }

    /** Asked for by log-ins that are not used here. */
    @Override
    public String resolveCanonicalHostname(String host) {
      return host;
    }
  }
}
