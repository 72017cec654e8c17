// What to send after the order form, on the stubs that protoc and protoc-gen-grpc-java generate (grpc-netty-shaded, grpc-protobuf, grpc-stub).

import dev.fingerpost.v1.DecideRequest
import dev.fingerpost.v1.DecideResponse
import dev.fingerpost.v1.Header
import dev.fingerpost.v1.HttpRequest
import dev.fingerpost.v1.Intent
import dev.fingerpost.v1.Outcome
import dev.fingerpost.v1.Purpose
import dev.fingerpost.v1.RedirectServiceGrpc
import io.grpc.ManagedChannelBuilder
import io.grpc.Status
import io.grpc.StatusRuntimeException
import java.util.concurrent.TimeUnit

fun main(arguments: Array<String>) {
    val channel = ManagedChannelBuilder.forTarget(arguments.getOrElse(0) { "127.0.0.1:50051" }).usePlaintext().build()
    val question = DecideRequest.newBuilder()
        .setRequest(HttpRequest.newBuilder().setMethod("POST").setUrl("https://shop.example.com/orders"))
        .setIntent(Intent.newBuilder().setPurpose(Purpose.PURPOSE_FORM_RESULT).setTarget("/orders/7829/confirmation"))
        .build()
    try {
        // For each call: a deadline on a stub that is kept would begin when the stub is made.
        write(RedirectServiceGrpc.newBlockingStub(channel).withDeadlineAfter(100, TimeUnit.MILLISECONDS).decide(question))
    } catch (error: StatusRuntimeException) {
        // INVALID_ARGUMENT: the question is wrong, and asking again does not help. All else: nobody answered; never a guess, and never a 500.
        println(if (error.status.code == Status.Code.INVALID_ARGUMENT) "400 ${error.status.description}" else "503 Retry-After: 5")
    } finally {
        channel.shutdownNow()
    }
}

fun write(answer: DecideResponse) {
    when (answer.outcome) {
        Outcome.OUTCOME_REDIRECT, Outcome.OUTCOME_RESPOND -> println(answer.status)
        Outcome.OUTCOME_REFUSE -> println("400 ${answer.reason.message}")
        else -> println("the page, with these fields:") // UNRECOGNIZED, from a newer service, is PASS, too.
    }
    for (line in answer.headersList) {
        if (line.contentCase == Header.ContentCase.CONTENT_NOT_SET) {
            continue // Withheld: there is nothing to write.
        }
        // raw_value has octets that are no UTF-8.
        val value = if (line.hasValue()) line.value else line.rawValue.toString(Charsets.ISO_8859_1)
        // What comes from elsewhere is checked before it becomes a field.
        check(value.none { (it < ' ' && it != '\t') || it == '\u007f' }) { "a control character in ${line.name}" }
        println("${line.name}: $value")
    }
}
