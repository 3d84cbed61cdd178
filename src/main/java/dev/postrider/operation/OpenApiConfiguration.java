package dev.postrider.operation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import dev.postrider.platform.Correlation;
import dev.postrider.platform.idempotency.IdempotencyKey;
import dev.postrider.platform.web.Access;
import dev.postrider.platform.web.Creates;
import dev.postrider.platform.web.JsonBody;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.core.converter.ResolvedSchema;
import io.swagger.v3.core.jackson.ModelResolver;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.ArraySchema;
import io.swagger.v3.oas.models.media.BooleanSchema;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.method.HandlerMethod;

/** The OpenAPI document, from the controllers and what their annotations say. */
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {
  private static final String KEY = "api_key";
  private static final String PROBLEM = "Problem";

  @Bean
  OpenAPI openApi(Service service) {
    return new OpenAPI()
        .info(
            new Info()
                .title("Postrider")
                .version(service.version())
                .description("The self-hosted messaging service that never leaves anyone guessing.")
                .license(new License().name("Apache-2.0").identifier("Apache-2.0")))
        .components(
            new Components()
                .addSecuritySchemes(
                    KEY,
                    new SecurityScheme()
                        .type(SecurityScheme.Type.APIKEY)
                        .in(SecurityScheme.In.HEADER)
                        .name("X-Api-Key")
                        .description("Or Authorization: Bearer")));
  }

  /** Names in schemas as they are on the wire. */
  @Bean
  ModelResolver snakeCase() {
    ObjectMapper mapper =
        io.swagger.v3.core.util.Json.mapper()
            .copy()
            .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
    return new ModelResolver(mapper);
  }

  /** Before the resolver above: what the records say of their components. */
  @Bean
  RecordSchemas recordSchemas() {
    return new RecordSchemas();
  }

  @Bean
  OperationCustomizer operations() {
    return OpenApiConfiguration::describe;
  }

  @Bean
  OpenApiCustomizer components() {
    return api -> {
      Components components = api.getComponents();
      components.addSchemas(PROBLEM, problemSchema());
      BODIES.forEach((_, resolved) -> resolved.referencedSchemas.forEach(components::addSchemas));
    };
  }

  private static final Map<Class<?>, ResolvedSchema> BODIES =
      new java.util.concurrent.ConcurrentHashMap<>();

  private static Operation describe(Operation operation, HandlerMethod method) {
    Access access = method.getMethodAnnotation(Access.class);
    boolean keyed = access != null && access.value() != Access.Who.ANYONE;
    if (keyed) {
      operation.addSecurityItem(new SecurityRequirement().addList(KEY));
    }
    JsonBody body = method.getMethodAnnotation(JsonBody.class);
    if (body != null) {
      operation.setRequestBody(requestBody(body.value()));
    }
    Creates created = method.getMethodAnnotation(Creates.class);
    if (created != null) {
      operation.addParametersItem(
          header(IdempotencyKey.HEADER, "The same key within a day: the same effect and answer"));
    }
    operation.addParametersItem(
        header(Correlation.HEADER, "Follows the request through; made up where it is missing"));
    operation.addParametersItem(
        header(
            Correlation.TRACE, "W3C trace context; follows the request through where it is given"));
    if (created != null) {
      ApiResponses responses = operation.getResponses();
      responses.remove("200");
      responses.addApiResponse(
          Integer.toString(created.status()),
          new ApiResponse()
              .description(created.status() == 201 ? "Created, and durable" : "Done, and durable")
              .content(json(envelope(schema(created.value())))));
      if (created.partly()) {
        Content either = problemContent();
        either.putAll(json(envelope(schema(created.value()))));
        responses.addApiResponse(
            "422",
            new ApiResponse()
                .description("A field breaks a rule, or none of the parts could be made")
                .content(either));
      }
    }
    boolean posts = method.hasMethodAnnotation(PostMapping.class);
    if (access != null && !keyed && looksAtRequest(method)) {
      problem(operation.getResponses(), "401", "No proof of its own, or not a good one");
      problem(operation.getResponses(), "404", "No such address");
      problem(operation.getResponses(), "422", "A parameter breaks a rule");
    }
    responses(operation, keyed, posts || body != null);
    return operation;
  }

  private static Parameter header(String name, String description) {
    return new Parameter()
        .in("header")
        .name(name)
        .required(false)
        .description(description)
        .schema(new StringSchema());
  }

  private static RequestBody requestBody(Class<?> type) {
    return new RequestBody().required(true).content(json(schema(type)));
  }

  private static Schema<?> schema(Class<?> type) {
    return BODIES.computeIfAbsent(
            type,
            it ->
                ModelConverters.getInstance(true)
                    .resolveAsResolvedSchema(new AnnotatedType(it).resolveAsRef(true)))
        .schema;
  }

  private static Schema<?> envelope(Schema<?> data) {
    Schema<?> envelope = new ObjectSchema();
    envelope.addProperty("success", new BooleanSchema());
    envelope.addProperty("message", new StringSchema());
    envelope.addProperty("data", data);
    envelope.setRequired(List.of("success", "message", "data"));
    return envelope;
  }

  /**
   * Callbacks and streams, which bring another proof than a key, or look for the key themselves.
   */
  private static boolean looksAtRequest(HandlerMethod method) {
    return Arrays.stream(method.getMethodParameters())
        .anyMatch(it -> it.getParameterType() == HttpServletRequest.class);
  }

  private static Content json(Schema<?> schema) {
    return new Content().addMediaType("application/json", new MediaType().schema(schema));
  }

  private static void responses(Operation operation, boolean keyed, boolean takesInput) {
    ApiResponses responses = operation.getResponses();
    if (keyed) {
      problem(responses, "401", "No key, or not a good one");
      problem(responses, "403", "The key may not do that");
      problem(responses, "404", "No such resource");
      problem(responses, "422", "A field breaks a rule");
    }
    if (takesInput) {
      problem(responses, "400", "Not readable");
      problem(responses, "409", "A conflict with the state of the resource");
      problem(responses, "413", "Too large");
      problem(responses, "415", "Not JSON in UTF-8");
    }
    problem(responses, "429", "At capacity, or a limit is used up; see Retry-After");
    problem(
        responses, "503", "The database is away or too slow, or the node stops; see Retry-After");
  }

  private static void problem(ApiResponses responses, String code, String description) {
    if (responses.get(code) == null) {
      responses.addApiResponse(
          code, new ApiResponse().description(description).content(problemContent()));
    }
  }

  private static Content problemContent() {
    return new Content()
        .addMediaType(
            "application/problem+json",
            new MediaType().schema(new Schema<>().$ref("#/components/schemas/" + PROBLEM)));
  }

  private static Schema<?> problemSchema() {
    Schema<?> problem = new ObjectSchema().description("RFC 9457");
    problem.addProperty("success", new BooleanSchema());
    problem.addProperty("message", new StringSchema());
    problem.addProperty("type", new StringSchema().format("uri"));
    problem.addProperty("title", new StringSchema());
    problem.addProperty("status", new IntegerSchema());
    problem.addProperty("detail", new StringSchema());
    problem.addProperty("code", new StringSchema());
    problem.addProperty("correlation_id", new StringSchema());
    problem.addProperty("errors", new ArraySchema().items(fieldErrorSchema()));
    problem.setRequired(List.of("success", "message", "type", "title", "status", "detail", "code"));
    return problem;
  }

  private static Schema<?> fieldErrorSchema() {
    Schema<?> error = new ObjectSchema();
    error.addProperty("field", new StringSchema());
    error.addProperty("pointer", new StringSchema());
    error.addProperty("detail", new StringSchema());
    error.setRequired(List.of("field", "pointer", "detail"));
    return error;
  }
}
