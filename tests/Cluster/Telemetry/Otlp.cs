using Google.Protobuf;

namespace SessionManager.Tests.Telemetry;

/// <param name="Service">Of the process that made it.</param>
/// <param name="Parent">Empty for one without.</param>
sealed record Span(string Service, string TraceId, string SpanId, string Parent, string Name);

enum MetricKind
{
    Gauge,
    Counter,
    UpDownCounter,
    Histogram,
}

sealed record Metric(string Name, string Unit, MetricKind Kind);

/// <summary>
/// Reads the few fields of an OTLP export that tests ask about; their numbers are those of OpenTelemetry's protocol, version 1
/// (trace.proto, metrics.proto, resource.proto, common.proto).
/// </summary>
static class Otlp
{
    const int ResourceOf = 1;
    const int ScopesOf = 2;
    const int ItemsOf = 2;

    public static IEnumerable<Span> Spans(CodedInputStream export) => Items(export).Select(item =>
    {
        var span = new Fields(item.Body);
        return new Span(item.Service, span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5));
    });

    public static IEnumerable<Metric> Metrics(CodedInputStream export) => Items(export).Select(item =>
    {
        var metric = new Fields(item.Body);
        var kind = metric.Has(9) || metric.Has(10) ? MetricKind.Histogram
            : !metric.Has(7) ? MetricKind.Gauge
            : new Fields(metric.Message(7)).Has(3) ? MetricKind.Counter
            : MetricKind.UpDownCounter;
        return new Metric(metric.Text(1), metric.Text(3), kind);
    });

    /// <summary>Both exports are nested alike: by resource, by instrumentation scope, and then one by one.</summary>
    static IEnumerable<(string Service, CodedInputStream Body)> Items(CodedInputStream export) =>
        from resource in new Fields(export).Messages(1)
        let fields = new Fields(resource)
        let service = Attribute(new Fields(fields.Message(ResourceOf)), "service.name")
        from scope in fields.Messages(ScopesOf)
        from item in new Fields(scope).Messages(ItemsOf)
        select (service, item);

    static string Attribute(Fields resource, string key) => resource.Messages(1)
        .Select(attribute => new Fields(attribute))
        .Where(attribute => attribute.Text(1) == key)
        .Select(attribute => new Fields(attribute.Message(2)).Text(1))
        .FirstOrDefault("");

    /// <summary>A message's fields by number. Of numbers only whether they are not zero: some send zeros, some leave them out.</summary>
    sealed class Fields
    {
        readonly ILookup<int, ByteString> _fields;

        public Fields(CodedInputStream message)
        {
            var read = new List<(int Number, ByteString Value)>();
            while (message.ReadTag() is not 0 and var tag)
            {
                var number = WireFormat.GetTagFieldNumber(tag);
                switch (WireFormat.GetTagWireType(tag))
                {
                    case WireFormat.WireType.LengthDelimited:
                        read.Add((number, message.ReadBytes()));
                        break;
                    case WireFormat.WireType.Varint when message.ReadUInt64() == 0:
                        break;
                    case WireFormat.WireType.Varint:
                        read.Add((number, ByteString.Empty));
                        break;
                    default:
                        message.SkipLastField();
                        break;
                }
            }

            _fields = read.ToLookup(field => field.Number, field => field.Value);
        }

        public bool Has(int number) => _fields.Contains(number);

        public IEnumerable<CodedInputStream> Messages(int number) => _fields[number].Select(value => value.CreateCodedInput());

        public CodedInputStream Message(int number) => _fields[number].LastOrDefault(ByteString.Empty).CreateCodedInput();

        public string Text(int number) => _fields[number].LastOrDefault(ByteString.Empty).ToStringUtf8();

        public string Hex(int number) => Convert.ToHexStringLower(_fields[number].LastOrDefault(ByteString.Empty).Span);
    }
}
