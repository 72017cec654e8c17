package dev.fingerpost.spring;

import dev.fingerpost.Client;
import dev.fingerpost.Transport;
import dev.fingerpost.v1.PolicySelector;
import dev.fingerpost.web.Web;
import java.io.IOException;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;

/** Makes a client of the settings, and puts it into Spring MVC or WebFlux. A bean of the application's own, a FakeClient in a test, takes the client's place. */
@AutoConfiguration
@EnableConfigurationProperties(FingerpostProperties.class)
public class FingerpostAutoConfiguration {
  private static final Duration CONNECTING = Duration.ofSeconds(10);

  /** Is made by Spring. */
  public FingerpostAutoConfiguration() {}

  @Bean
  Fallbacks fingerpostFallbacks() {
    return new Fallbacks();
  }

  @Bean
  @ConditionalOnMissingBean
  Client fingerpostClient(FingerpostProperties settings, Fallbacks fallbacks, ObjectProvider<FingerpostClientCustomizer> customizers) throws IOException {
    Client.Builder builder = Client.builder(settings.address(), transport(settings)).engine(settings.engine()).onError(settings.onError()).onFallback(fallbacks);
    builder.selector(PolicySelector.newBuilder().addAllHosts(settings.hosts()).addAllIntents(settings.intents()).build());
    if (settings.timeout() != null) {
      builder.timeout(settings.timeout());
    }
    if (settings.policyFile() != null) {
      builder.policyFile(settings.policyFile());
    }
    customizers.orderedStream().forEach(one -> one.customize(builder));
    return builder.build();
  }

  private static Transport transport(FingerpostProperties settings) throws IOException {
    if (settings.transport() == null) {
      throw new IllegalStateException("fingerpost.transport: choose tls or plaintext");
    }
    FingerpostProperties.Tls tls = settings.tls();
    return switch (settings.transport()) {
      case PLAINTEXT -> Transport.plaintext();
      case TLS -> Transport.tls(tls.authorities(), tls.certificate(), tls.key(), tls.serverName());
    };
  }

  @Bean
  Web fingerpostWeb(Client client, FingerpostProperties settings) {
    return new Web(client, settings.fields(), settings.exempt());
  }

  /** Connects while the application starts; nothing waits for it. */
  @Bean
  ApplicationListener<ApplicationStartedEvent> fingerpostConnecting(Client client) {
    return started -> {
      Thread connecting = new Thread(() -> client.ready(CONNECTING), "fingerpost-connecting");
      connecting.setDaemon(true);
      connecting.start();
    };
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnWebApplication(type = Type.SERVLET)
  @ConditionalOnClass(WebMvcConfigurer.class)
  static class Servlet {
    @Bean
    @ConditionalOnProperty(name = "fingerpost.rules", matchIfMissing = true)
    FingerpostFilter fingerpostFilter(Web web) {
      return new FingerpostFilter(web);
    }

    @Bean
    FingerpostMvc fingerpostMvc(Web web, ObjectProvider<RequestMappingHandlerAdapter> adapters) {
      return new FingerpostMvc(web, adapters);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnWebApplication(type = Type.REACTIVE)
  @ConditionalOnClass(WebFluxConfigurer.class)
  static class Reactive {
    @Bean
    @ConditionalOnProperty(name = "fingerpost.rules", matchIfMissing = true)
    FingerpostWebFilter fingerpostWebFilter(Web web) {
      return new FingerpostWebFilter(web);
    }

    @Bean
    FingerpostWebFlux fingerpostWebFlux(Web web) {
      return new FingerpostWebFlux(web);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = "io.micrometer.core.instrument.binder.MeterBinder")
  static class Metrics {
    @Bean
    FingerpostMetrics fingerpostMetrics(Client client, Fallbacks fallbacks) {
      return new FingerpostMetrics(client, fallbacks);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = "org.springframework.boot.actuate.health.HealthIndicator")
  static class HealthOfBoot3 {
    @Bean
    FingerpostHealth3 fingerpostHealthIndicator(Client client) {
      return new FingerpostHealth3(client);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = "org.springframework.boot.health.contributor.HealthIndicator")
  static class HealthOfBoot4 {
    @Bean
    FingerpostHealth4 fingerpostHealthIndicator(Client client) {
      return new FingerpostHealth4(client);
    }
  }
}
