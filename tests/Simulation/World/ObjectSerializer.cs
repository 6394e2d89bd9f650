using Orleans.Storage;
using SessionManager.Storage;

namespace SessionManager.Simulation;

/// <summary>
/// Grain records never change once made, so the simulated store keeps the objects themselves; what the engine carries as bytes
/// is their number. In some worlds every record goes through the real format on its way.
/// </summary>
sealed class ObjectSerializer(bool throughJson) : IGrainStorageSerializer
{
    static readonly GrainStateSerializer Json = new();
    readonly Dictionary<long, object> _underWay = [];
    long _last;

    public BinaryData Serialize<T>(T? input) => new(Give(throughJson ? Json.Deserialize<T>(Json.Serialize(input))! : input!));

    public T? Deserialize<T>(BinaryData input) => (T)Take(input.ToMemory());

    public byte[] Give(object record)
    {
        _underWay[++_last] = record;
        return BitConverter.GetBytes(_last);
    }

    public object Take(ReadOnlyMemory<byte> number)
    {
        _underWay.Remove(BitConverter.ToInt64(number.Span), out var record);
        return record!;
    }
}
