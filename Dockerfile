# syntax=docker/dockerfile:1

FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /build
COPY .mvn .mvn
COPY pom.xml ./
COPY src/main src/main
RUN --mount=type=cache,target=/root/.m2 \
    mvn --batch-mode --quiet -Dmaven.test.skip=true -Dspotless.check.skip=true package \
    && mv target/postrider /postrider \
    && mv /postrider/postrider-*.jar /postrider/postrider.jar

FROM eclipse-temurin:25-jre

# PostgreSQL refuses to run as root, and nothing here needs to.
RUN groupadd --system --gid 10001 postrider \
    && useradd --system --uid 10001 --gid postrider --home-dir /data --shell /usr/sbin/nologin postrider \
    && install --directory --mode=0700 --owner=postrider --group=postrider /data
COPY --from=build /postrider/lib /app/lib
COPY --from=build /postrider/postrider.jar /app/postrider.jar
COPY java.options /app/java.options

# One start and stop, while the virtual machine writes down what every start has in common
# (docs/adr/0036): the image's starts take two thirds of their time.
RUN install --directory --owner=postrider --group=postrider /app/starts
USER postrider
RUN export POSTRIDER_HOME=/tmp/rehearsal POSTRIDER_PORT=0 POSTRIDER_LOG=json; \
    java @/app/java.options -XX:AOTCacheOutput=/app/starts/postrider.aot -jar /app/postrider.jar > /tmp/rehearsal.log 2>&1 & \
    timeout 180 sh -c 'until grep -q service.ready /tmp/rehearsal.log || ! kill -0 $0; do sleep 1; done' $!; \
    kill $!; wait $!; \
    grep -q service.ready /tmp/rehearsal.log && [ -f /app/starts/postrider.aot ] || { cat /tmp/rehearsal.log; exit 1; }; \
    rm -r /tmp/rehearsal /tmp/rehearsal.log

# Generated keys, and the embedded PostgreSQL unless POSTGRES_HOST names another server.
ENV POSTRIDER_HOME=/data
VOLUME /data
WORKDIR /data

# The service listens on 127.0.0.1 unless POSTRIDER_BIND says otherwise; another address needs
# POSTRIDER_TLS_CERT and POSTRIDER_TLS_KEY, or POSTRIDER_BEHIND_PROXY=true.
EXPOSE 8000

# bash speaks enough HTTP for this. With TLS of the service's own, or a POSTRIDER_BIND that 127.0.0.1 does not reach,
# replace it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${POSTRIDER_PORT:-8000} && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]

# Other options, a larger heap say: mount another /app/java.options (JAVA_TOOL_OPTIONS comes before it, and loses). A stop
# waits for runs under way: give it time (docker stop --time 120), and let an init reap the embedded PostgreSQL (docker run --init).
ENTRYPOINT ["java", "@/app/java.options", "-XX:AOTCache=/app/starts/postrider.aot", "-jar", "/app/postrider.jar"]
