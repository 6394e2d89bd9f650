using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>Anything that can be called through a reference: a grain or an observer.</summary>
    public interface IAddressable;
}

namespace Orleans
{
    public interface IGrain : IAddressable;

    public interface IGrainWithStringKey : IGrain;

    public interface IGrainWithGuidKey : IGrain;

    public interface IGrainWithIntegerKey : IGrain;

    /// <summary>An object outside the engine that grains may call; see <see cref="IGrainFactory.CreateObjectReference"/>.</summary>
    public interface IGrainObserver : IAddressable;
}
