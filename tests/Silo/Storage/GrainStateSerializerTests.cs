using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Serialization;
using SessionManager.Storage;

namespace SessionManager.Tests.Storage;

public class GrainStateSerializerTests
{
    readonly GrainStateSerializer _serializer = new();

    public sealed record Thing
    {
        public required string Name { get; init; }
        public int Number { get; init; } = 7;
        public ImmutableArray<Part> Parts { get; init; } = [];
        public ImmutableDictionary<string, long> Counts { get; init; } = ImmutableDictionary<string, long>.Empty;
        public DateTimeOffset? At { get; init; }
        [JsonIgnore] public string? OffTheWire { get; init; }
        [JsonIgnore] public int Length => Name.Length;
        public bool IsNamed => Name.Length > 0;
    }

    public sealed record Part(string Id, ImmutableArray<byte> Bytes, bool Flag);

    [Fact]
    public void A_record_is_read_back_as_it_was_written_also_what_the_wire_leaves_out()
    {
        var thing = new Thing
        {
            Name = "ä",
            Number = 0,
            Parts = [new("p", [1, 2], true)],
            Counts = ImmutableDictionary<string, long>.Empty.Add("x", 1),
            At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            OffTheWire = "kept",
        };

        var read = _serializer.Deserialize<Thing>(_serializer.Serialize(thing));

        Assert.Equal(("ä", 0, "kept", thing.At), (read.Name, read.Number, read.OffTheWire, read.At));
        Assert.Equal([1, 2], read.Parts.Single().Bytes.ToArray());
        Assert.Equal(1, read.Counts["x"]);
    }

    [Fact]
    public void An_older_records_missing_members_take_their_defaults()
    {
        var read = Read("""{"Parts":[{"Id":"p"}]}""");

        Assert.Null(read.Name);
        Assert.Equal(7, read.Number);
        Assert.Empty(read.Counts);
        Assert.Empty(read.Parts.Single().Bytes);
        Assert.Empty(Read("{}").Parts);
    }

    [Theory]
    [InlineData("""{"Name":"n","Added":1}""")]
    [InlineData("""{"Name":"n","Parts":[{"Id":"p","Added":1}]}""")]
    public void A_newer_records_unknown_member_is_refused_rather_than_lost(string json)
    {
        var refusal = Assert.Throws<InvalidDataException>(() => Read(json));

        Assert.Contains("newer version", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Added", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"Number":"x"}""")]
    public void A_damaged_record_is_refused(string json) => Assert.Throws<InvalidDataException>(() => Read(json));

    [Fact]
    public void Members_that_follow_from_others_are_not_stored() =>
        Assert.DoesNotContain("IsNamed", _serializer.Serialize(new Thing { Name = "n" }).ToString(), StringComparison.Ordinal);

    Thing Read(string json) => _serializer.Deserialize<Thing>(new BinaryData(Encoding.UTF8.GetBytes(json)));
}
