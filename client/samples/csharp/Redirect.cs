// What to send after the order form, on the stubs that Grpc.Tools generates (Grpc.Net.Client, Google.Protobuf, Grpc.Tools).

using System.Text;
using Fingerpost.V1;
using Grpc.Core;
using Grpc.Net.Client;

using var channel = GrpcChannel.ForAddress(args.FirstOrDefault() ?? "http://127.0.0.1:50051");
var question = new DecideRequest
{
    Request = new HttpRequest { Method = "POST", Url = "https://shop.example.com/orders" },
    Intent = new Intent { Purpose = Purpose.FormResult, Target = "/orders/7829/confirmation" },
};
try
{
    // Without a deadline a call waits for ever.
    Write(await new RedirectService.RedirectServiceClient(channel).DecideAsync(question, deadline: DateTime.UtcNow.AddMilliseconds(100)));
}
catch (RpcException error) when (error.StatusCode == StatusCode.InvalidArgument)
{
    Console.WriteLine($"400 {error.Status.Detail}"); // The question is wrong: asking again does not help.
}
catch (RpcException)
{
    Console.WriteLine("503 Retry-After: 5"); // Nobody answered: never a guess, and never a 500.
}

static void Write(DecideResponse answer)
{
    Console.WriteLine(answer.Outcome switch
    {
        Outcome.Redirect or Outcome.Respond => $"{answer.Status}",
        Outcome.Refuse => $"400 {answer.Reason.Message}",
        _ => "the page, with these fields:", // A number without a name, from a newer service, is PASS, too.
    });
    foreach (var line in answer.Headers)
    {
        if (line.ContentCase == Header.ContentOneofCase.None)
        {
            continue; // Withheld: there is nothing to write.
        }
        // RawValue has octets that are no UTF-8.
        var value = line.ContentCase == Header.ContentOneofCase.Value ? line.Value : Encoding.Latin1.GetString(line.RawValue.Span);
        // What comes from elsewhere is checked before it becomes a field.
        if (value.Any(c => (c < ' ' && c != '\t') || c == '\x7f'))
        {
            throw new InvalidOperationException($"a control character in {line.Name}");
        }
        Console.WriteLine($"{line.Name}: {value}");
    }
}
