namespace Orleans.Runtime;

/// <summary>Anything that can be called through a reference: a grain or an observer.</summary>
public interface IAddressable;

/// <summary>A grain's key, as text.</summary>
public readonly record struct IdSpan(string? Value) { public override string ToString() => Value ?? ""; }

/// <summary>The stable name of a grain class: <see cref="GrainTypeAttribute"/>, or the class name in lower case without "grain".</summary>
public readonly record struct GrainType(IdSpan Value)
{
    public static GrainType Create(string value) => new(new(value));

    public override string ToString() => Value.ToString();
}

/// <summary>A grain's identity, written <c>type/key</c>.</summary>
public readonly record struct GrainId(GrainType Type, IdSpan Key)
{
    public static GrainId Create(string type, string key) => new(GrainType.Create(type), new(key));

    public static GrainId Create(GrainType type, string key) => new(type, new(key));

    public override string ToString() => $"{Type}/{Key}";
}
